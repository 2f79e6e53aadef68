// Forward + backward of MobileNetV2 1.0 at 224 x 224, milliseconds an image and memory, over batch sizes.
//   npm run build && node bench/training-step.mjs [--micro-batch 3] [--workers 2] [--batches 30,256] [--runs 5]
// Each batch size runs in a process of its own, so that its peak memory is its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/core/rng.js';
import { architectureSchema } from '../dist/nn/architecture.js';
import { randomWeights } from '../dist/nn/weights.js';
import { GradientEngine } from '../dist/runtime/gradient-engine.js';
import { WorkerPool } from '../dist/runtime/pool.js';
import { machine, median, spread } from './report.mjs';

const { values } = parseArgs({
  options: {
    'micro-batch': { type: 'string', default: '3' },
    workers: { type: 'string', default: '2' },
    batches: { type: 'string', default: '30,256' },
    runs: { type: 'string', default: '5' },
    size: { type: 'string', default: '224' },
    one: { type: 'string' },
  },
});
const microBatch = Number(values['micro-batch']);
const size = Number(values.size);

if (values.one === undefined) {
  console.log(machine());
  console.log(`MobileNetV2 1.0, ${size} x ${size}, ${values.workers} workers of one thread, micro-batch ${microBatch}`);
  console.log('batch | forward + backward ms/image (median, spread) | forward alone | peak MB of the process');
  for (const batch of values.batches.split(',')) {
    const flags = Object.entries({ ...values, one: batch }).flatMap(([key, value]) => [`--${key}`, value]);
    const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...flags], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) process.exit(1);
    process.stdout.write(stdout);
  }
} else {
  const batch = Number(values.one);
  const rng = new Rng(1);
  const architecture = architectureSchema.parse({});
  const pool = new WorkerPool(Number(values.workers));
  const engine = await GradientEngine.create(
    pool,
    architecture,
    { height: size, width: size },
    randomWeights(architecture, rng),
    { microBatch },
  );
  const images = Array.from({ length: batch }, () => ({
    width: size,
    height: size,
    data: Uint8Array.from({ length: size * size }, () => rng.int(256)),
  }));
  const seed = Float32Array.from({ length: batch * engine.dimension }, () => rng.normal(0, 0.01));
  const both = [];
  const forward = [];
  for (let run = -2; run < Number(values.runs); run++) {
    let started = performance.now();
    await engine.gradient(images, seed);
    const backwardMs = (performance.now() - started) / batch;
    started = performance.now();
    await engine.embed(images);
    if (run < 0) continue; // the first two plan memory
    both.push(backwardMs);
    forward.push((performance.now() - started) / batch);
  }
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${batch} | ${median(both).toFixed(1)} (${spread(both)}) | ${median(forward).toFixed(1)} | ${peak.toFixed(0)}`,
  );
  await pool.close();
}
