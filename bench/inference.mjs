// Images to embeddings, MobileNetV2 1.0 at 224 x 224, one image and sixteen, against PyTorch and tfjs-wasm.
//   npm run build && node bench/inference.mjs [--runs 15]
import { parseArgs } from 'node:util';
import { buildNetwork } from '../dist/nn/network.js';
import { serialize } from '../dist/nn/serialize.js';
import { WorkerPool } from '../dist/runtime/pool.js';
import { architecture, images, SIZE, weights } from './network.mjs';
import { tfjsPeer, torchPeer } from './peers/peers.mjs';
import { machine, median, ratio, row, spread } from './report.mjs';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const runs = Number(values.runs);
const threads = 2;

const network = buildNetwork(architecture, { batch: 1, height: SIZE, width: SIZE });
const constants = new Map([...weights()].map(([name, { data }]) => [name, data]));
const outputs = { embedding: network.embedding };
const model = serialize(network.graph, { weights: constants, outputs, symbolicBatch: true });

/** A batch goes to the workers in equal shares; one image goes to one worker, and so takes one core. */
async function measure(batch, workers) {
  const pool = new WorkerPool(workers);
  const session = await pool.open(model);
  const pictures = images(batch);
  const share = Math.ceil(batch / workers);
  const parts = Array.from({ length: Math.ceil(batch / share) }, (_, i) => pictures.slice(i * share, (i + 1) * share));
  const milliseconds = [];
  for (let run = -3; run < runs; run++) {
    const started = performance.now();
    await Promise.all(parts.map((part) => pool.run(session, { images: part, outputs: ['embedding'] })));
    if (run >= 0) milliseconds.push((performance.now() - started) / batch);
  }
  await pool.close();
  return milliseconds;
}

console.log(machine());
console.log('embedding, MobileNetV2 1.0, 224 x 224');
row('', 'batch', 'ms/image (spread)', 'ours / theirs');
for (const batch of [1, 16]) {
  const own = await measure(batch, threads);
  const report = (name, milliseconds) =>
    row(
      name,
      String(batch),
      `${median(milliseconds).toFixed(2)} (${spread(milliseconds)})`,
      ratio(median(milliseconds) / median(own)),
    );
  report(`Countersign, ${threads} workers`, own);
  if (batch > 1) report('Countersign, 1 worker', await measure(batch, 1));
  for (const variant of ['tuned', 'default']) {
    const peer = torchPeer({ task: 'forward', variant, network: 'countersign', batch, threads, runs });
    if (peer.skipped) row(`PyTorch ${variant}`, String(batch), peer.skipped, '');
    else report(`PyTorch ${peer.torch} ${variant}, ${threads} threads`, peer.msPerImage);
  }
  const tfjs = tfjsPeer({ network: 'countersign', batch, threads: batch === 1 ? 1 : threads, runs: 5 });
  if (tfjs.skipped) row('tfjs-wasm', String(batch), tfjs.skipped, '');
  else report('tfjs-wasm', tfjs.msPerImage);
}
