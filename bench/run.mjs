// Runs every bench and writes bench/RESULTS.md.   npm run bench
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machine } from './report.mjs';

const BENCHES = [
  ['Training step', 'training-step.mjs'],
  ['Verification', 'verify.mjs'],
  ['Quantised model', 'quantized.mjs'],
  ['Synthetic signatures', 'synthetic-signatures.mjs'],
];

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const sections = BENCHES.map(([title, script]) => {
  process.stderr.write(`== ${title}\n`);
  const { stdout, status } = spawnSync(process.execPath, [here(script)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) process.exit(1);
  process.stdout.write(stdout);
  return `## ${title}\n\n\`node bench/${script}\`\n\n\`\`\`text\n${stdout.trim()}\n\`\`\`\n`;
});
const head = `# Bench results\n\nWritten by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. Absolute times are of one machine on one day;\ncompare only within a run.\n\n${machine()}\n`;
writeFileSync(here('RESULTS.md'), [head, ...sections].join('\n'));
