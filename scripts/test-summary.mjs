// Counts of the last test run, from vitest's own report, as one plain line: "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync('out/test-report.json', 'utf8'));
const { numPassedTests: passed, numFailedTests: failed, numPendingTests: pending, numTodoTests: todo } = report;
// A file that does not load has no tests to fail: it counts as one.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
for (const { status, fullName, failureMessages } of report.testResults.flatMap(
  ({ assertionResults }) => assertionResults,
)) {
  if (status === 'passed' && failureMessages.length > 0)
    console.log(`needed a second try: ${fullName}: ${failureMessages[0].split('\n', 1)[0]}`);
}
console.log(`${passed} passed, ${failed + broken.length} failed, ${pending + todo} skipped`);
