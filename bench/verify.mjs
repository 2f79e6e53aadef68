// `verify` of two files: a cold process, and a library call on a warm verifier.
//   npm run build && node bench/verify.mjs [--model FILE] [--runs 9] [--images a.png,b.png]
// Without --images: two synthetic signatures.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/core/rng.js';
import { signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../dist/data/synthetic/writer.js';
import { PACKAGE_MODELS } from '../dist/verify/package-models.js';
import { createVerifier } from '../dist/verify/verifier.js';
import { machine, median, spread } from './report.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: PACKAGE_MODELS.default },
    runs: { type: 'string', default: '9' },
    images: { type: 'string' },
  },
});
const runs = Number(values.runs);
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
try {
  const [reference, questioned] = values.images?.split(',') ?? (await synthesizePair());
  const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const cold = [];
  for (let run = -1; run < runs; run++) {
    const started = performance.now();
    const { status, stderr } = spawnSync(
      process.execPath,
      [cli, 'verify', '--model', values.model, '--reference', reference, '--', questioned],
      { encoding: 'utf8' },
    );
    if (status > 1) throw new Error(stderr);
    if (run >= 0) cold.push(performance.now() - started); // the first fills the disk cache
  }
  const verifier = await createVerifier({ model: values.model });
  const warm = [];
  for (let run = -3; run < 5 * runs; run++) {
    const { timingMs } = await verifier.verify([reference], questioned);
    if (run >= 0) warm.push(timingMs.total);
  }
  await verifier.close();
  console.log(machine());
  console.log('verify of two files | median ms (spread)');
  console.log(`cold process | ${median(cold).toFixed(0)} (${spread(cold)})`);
  console.log(`warm library call | ${median(warm).toFixed(1)} (${spread(warm)})`);
} finally {
  rmSync(folder, { recursive: true });
}

async function synthesizePair() {
  const writer = createWriter(new Rng(1), 1);
  const files = [];
  for (const name of ['reference', 'questioned']) {
    const file = join(folder, `${name}.png`);
    writeFileSync(file, await encodePng(signGenuine(writer, new Rng(name))));
    files.push(file);
  }
  return files;
}
