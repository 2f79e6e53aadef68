// Runs every bench and writes bench/RESULTS.md.   npm run bench [-- --data DIR]
// --data: a folder of image files for "files to embeddings", CEDAR's say; without it, synthetic signatures.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machine } from './report.mjs';

const { values } = parseArgs({ options: { data: { type: 'string' } } });

const BENCHES = [
  ['Training step', 'training-step.mjs'],
  ['Inference', 'inference.mjs'],
  ['Memory of training', 'training-memory.mjs'],
  ['Event loop', 'event-loop.mjs'],
  ['Files to embeddings', 'files-to-embeddings.mjs'],
  ['Verification', 'verify.mjs'],
  ['Quantised model', 'quantized.mjs'],
  ["The machine's peak", 'matmul-peak.mjs'],
  ['Synthetic signatures', 'synthetic-signatures.mjs'],
];

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const sections = BENCHES.map(([title, script]) => {
  process.stderr.write(`== ${title}\n`);
  const takesData = script === 'files-to-embeddings.mjs' && values.data !== undefined;
  const ofData = takesData ? ['--data', values.data] : [];
  const { stdout, status } = spawnSync(process.execPath, [here(script), ...ofData], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) process.exit(1);
  process.stdout.write(stdout);
  return `## ${title}\n\n\`node bench/${script}${takesData ? ' --data DIR' : ''}\`\n\n\`\`\`text\n${stdout.trim()}\n\`\`\`\n`;
});
const head = `# Bench results\n\nWritten by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. Absolute times are of one machine on one day;\ncompare only within a run.\n\n${machine()}\n`;
writeFileSync(here('RESULTS.md'), [head, ...sections].join('\n'));
