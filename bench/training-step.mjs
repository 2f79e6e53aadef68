// A training step (embed, loss, gradient, update) of MobileNetV2 1.0 at 224 x 224, batch 30, against PyTorch.
//   npm run build && node bench/training-step.mjs [--runs 7] [--batch 30] [--micro-batch 5]
import { parseArgs } from 'node:util';
import { WorkerPool } from '../dist/runtime/pool.js';
import { sharedCopy } from '../dist/runtime/shared-weights.js';
import { trainConfigSchema } from '../dist/train/config.js';
import batchLoss from '../dist/train/jobs/batch-loss.js';
import norm from '../dist/train/jobs/gradient-norm.js';
import { Optimizer } from '../dist/train/optimizer.js';
import { matmulPeak } from './matmul-peak.mjs';
import { forwardFlop, images, openEngine } from './network.mjs';
import { torchPeer } from './peers/peers.mjs';
import { machine, median, ratio, row, spread } from './report.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    batch: { type: 'string', default: '30' },
    'micro-batch': { type: 'string', default: '5' },
  },
});
const runs = Number(values.runs);
const batch = Number(values.batch);
const microBatch = Number(values['micro-batch']);
const config = trainConfigSchema.parse({});

/** @returns milliseconds an image, one a run, of the whole step and its parts */
async function measure(workers, layout) {
  const pool = new WorkerPool(workers);
  const engine = await openEngine(pool, { microBatch, layout });
  const average = await sharedCopy(engine.weights.slices, engine.weights.tensors);
  const optimizer = new Optimizer(pool, engine.trainable, engine.weights, average, config);
  const pictures = images(batch);
  const labels = {
    identity: Int32Array.from(pictures, (_, i) => Math.floor(i / 6)),
    forged: Uint8Array.from(pictures, (_, i) => (i % 6 < 3 ? 0 : 1)),
  };
  const parts = { whole: [], embed: [], gradient: [], update: [] };
  for (let run = -2; run < runs; run++) {
    const times = [performance.now()];
    const embeddings = await engine.embed(pictures);
    times.push(performance.now());
    const loss = batchLoss({ embeddings, dimension: engine.dimension, labels, config });
    const gradient = await engine.gradient(pictures, loss.embeddingGradient);
    times.push(performance.now());
    const rates = { step: run + 3, learningRate: () => 1e-5, averageDecay: 0.99 };
    await optimizer.step(gradient, norm(gradient), rates);
    await engine.weightsChanged();
    times.push(performance.now());
    if (run < 0) continue; // the first two warm up
    ['embed', 'gradient', 'update'].forEach((part, i) => {
      parts[part].push((times[i + 1] - times[i]) / batch);
    });
    parts.whole.push((times[3] - times[0]) / batch);
  }
  await pool.close();
  return parts;
}

console.log(machine());
console.log(`training step of MobileNetV2 1.0, 224 x 224, batch ${batch}, micro-batch ${microBatch}`);
row('', 'ms/image (spread)', 'images/s', 'ours / theirs');
const peak = await matmulPeak({ workers: 2, runs: 5 });
const two = await measure(2, 'fastest');
const own = median(two.whole);
const report = (name, milliseconds) =>
  row(
    name,
    `${median(milliseconds).toFixed(1)} (${spread(milliseconds)})`,
    (1000 / median(milliseconds)).toFixed(1),
    ratio(median(milliseconds) / own),
  );
report('Countersign, 2 workers', two.whole);
for (const part of ['embed', 'gradient', 'update']) row(`  ${part}`, median(two[part]).toFixed(1), '', '');
report('Countersign, 1 worker', (await measure(1, 'fastest')).whole);
report("Countersign, 2 workers, ONNX's plain operators", (await measure(2, 'plain')).whole);
for (const variant of ['tuned', 'default']) {
  const request = { task: 'training-step', variant, network: 'countersign', batch, threads: 2 };
  const peer = torchPeer({ ...request, runs: variant === 'tuned' ? runs : 3 });
  if (peer.skipped) row(`PyTorch ${variant}`, peer.skipped, '', '');
  else report(`PyTorch ${peer.torch} ${variant}, 2 threads`, peer.msPerImage);
}
const flop = 3 * forwardFlop(); // forward, and the two gradients of every product
const reached = flop / own / 1e6;
console.log(
  `the step's ${(flop / 1e9).toFixed(2)} GFLOP an image at ${reached.toFixed(0)} GFLOP/s are ` +
    `${((100 * reached) / median(peak.gflops)).toFixed(0)} % of this machine's peak, ` +
    `${median(peak.gflops).toFixed(0)} GFLOP/s (${spread(peak.gflops)}) in MatMuls of two workers`,
);
