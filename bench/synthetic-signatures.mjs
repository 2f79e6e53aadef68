// How many synthetic signatures a second, PNG files included: `npm run build && node bench/synthetic-signatures.mjs`.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { synthesizeDataset } from '../dist/data/synthetic/synthesize-dataset.js';

const RUNS = 5;
const room = await mkdtemp(path.join(tmpdir(), 'countersign-bench-'));
const perSecond = [];
for (let run = 0; run <= RUNS; run++) {
  const started = performance.now();
  const { genuine, forged } = await synthesizeDataset(path.join(room, String(run)), { writers: 12, seed: 3 });
  const rate = ((genuine + forged) * 1000) / (performance.now() - started);
  if (run > 0) perSecond.push(rate); // the first warms up
}
await rm(room, { recursive: true });
perSecond.sort((a, b) => a - b);
const [slowest, median, fastest] = [0, (RUNS - 1) / 2, RUNS - 1].map((i) => perSecond[i].toFixed(0));
console.log(`synthesizeDataset: ${median} images/s (median of ${RUNS}; ${slowest} to ${fastest}), 12 writers x 48 PNG`);
console.log(`${cpus()[0].model}, ${cpus().length} cores, node ${process.version}`);
