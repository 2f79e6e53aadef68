/** A job of bulk work, for people and programs. */
import type { BulkJob } from '../store/bulk-progress.js';
import { policyTitle } from '../store/policies.js';
import type { StoreFlags } from './store-flags.js';
import { formatSeconds, printJson, printResult } from './terminal.js';

/** As of the store's other failures. */
const EXIT_FAILED = 7;

/** A job that failed ends the command as a failure does. */
export function printJob(job: BulkJob, { json }: StoreFlags): void {
  if (job.state === 'failed') process.exitCode = EXIT_FAILED;
  if (json) printJson(job);
  else printResult(renderJob(job));
}

function renderJob(job: BulkJob): string {
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .filter(([, number]) => number > 0)
      .map(([name, number]) => `${number} ${name}`)
      .join(', ');
  const { items, results, unkeptPolicies, problem } = job;
  return [
    `job          ${job.id}`,
    `kind         ${job.kind}${job.title === null ? '' : `, ${job.title}`}`,
    `state        ${job.state}`,
    `progress     ${renderProgress(job)}`,
    ...(items === null ? [] : [`items        ${counts(items)}`]),
    ...(Object.keys(results).length === 0 ? [] : [`results      ${counts(results)}`]),
    ...unkeptPolicies.map(
      (policy) => `policy       ${policyTitle(policy)} decides nothing by this model: ${policy.reason}`,
    ),
    ...(problem === null ? [] : [`problem      ${problem.reason} [${problem.code}]`]),
  ].join('\n');
}

/** `1200/20000, 95 a second, 3:18 left`. */
export function renderProgress({ progress: { done, total, perSecond, secondsLeft } }: BulkJob): string {
  const speed = perSecond === null ? '' : `, ${perSecond.toFixed(perSecond < 10 ? 1 : 0)} a second`;
  return `${done}/${total}${speed}${secondsLeft === null ? '' : `, ${formatSeconds(secondsLeft)} left`}`;
}
