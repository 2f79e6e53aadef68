// Inference of MobileNetV2 1.0 in TensorFlow.js on WebAssembly; one line of JSON with milliseconds an image.
//   node bench/peers/tfjs-wasm.mjs [--batch 1] [--size 224] [--threads 1] [--runs 5] [--network standard]
// The packages are no dependencies of ours. Installed elsewhere, name their folder: COUNTERSIGN_PEER_MODULES=/tmp/peer
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const PACKAGES = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'];
const WARM_UPS = 2;
/** Expansion, output channels, repeats, stride of the first: src/nn/mobilenet.ts. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

const modules = process.env.COUNTERSIGN_PEER_MODULES;
const require = createRequire(modules === undefined ? import.meta.url : path.resolve(modules, 'require.js'));
if (isMainThread) await main();
else await serve(workerData);

async function main() {
  const { values } = parseArgs({
    options: {
      batch: { type: 'string', default: '1' },
      size: { type: 'string', default: '224' },
      threads: { type: 'string', default: '1' },
      runs: { type: 'string', default: '5' },
      network: { type: 'string', default: 'standard' },
    },
  });
  const [batch, size, threads, runs] = [values.batch, values.size, values.threads, values.runs].map(Number);
  if (!['standard', 'countersign'].includes(values.network)) throw new Error(`no network ${values.network}`);
  if (batch % threads !== 0) throw new Error(`a batch of ${batch} does not divide among ${threads} threads`);
  if (!PACKAGES.every(isInstalled)) {
    const install = `npm install --no-save ${PACKAGES.map((name) => `${name}@4.22.0`).join(' ')}`;
    console.log(JSON.stringify({ skipped: `TensorFlow.js is not installed: ${install}` }));
    return;
  }
  // The backend has no threads in Node: each thread is a worker with a backend of its own and its share of the batch.
  const share = { batch: batch / threads, size, network: values.network };
  const workers = Array.from({ length: threads }, () => startWorker(share));
  const msPerImage = [];
  for (let run = -WARM_UPS; run < runs; run++) {
    const started = performance.now();
    await Promise.all(workers.map(({ forward }) => forward()));
    if (run >= 0) msPerImage.push((performance.now() - started) / batch);
  }
  await Promise.all(workers.map(({ stop }) => stop()));
  const tfjs = require(`${PACKAGES[0]}/package.json`).version;
  const { network } = values;
  console.log(JSON.stringify({ task: 'forward', network, batch, size, threads, tfjs, msPerImage }));
}

function isInstalled(name) {
  try {
    require.resolve(name);
    return true;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return false;
    throw error;
  }
}

function startWorker(share) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: share });
  return {
    forward: () =>
      new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.postMessage('forward');
      }),
    stop: () => worker.terminate(),
  };
}

async function serve({ batch, size, network }) {
  const tf = require(PACKAGES[0]);
  require(PACKAGES[1]);
  await tf.setBackend('wasm');
  const grey = network === 'countersign';
  const model = mobileNetV2(tf, grey ? 1 : 3, !grey);
  const image = tf.randomUniform([batch, size, size, grey ? 1 : 3]);
  parentPort.on('message', () => {
    const embedding = tf.tidy(() => model(image));
    const norm = Math.hypot(...embedding.dataSync().slice(0, 256));
    embedding.dispose();
    if (!(Math.abs(norm - 1) < 1e-3)) throw new Error(`an embedding of norm 1 was expected; norm ${norm} came`);
    parentPort.postMessage('done');
  });
}

/** Batch norm folded, a bias in every convolution. @returns image [N, H, W, C] -> embedding [N, 256] of norm 1 */
function mobileNetV2(tf, imageChannels, lastConvolution) {
  const layers = [];
  const scaled = (shape, fan) => tf.randomNormal(shape, 0, Math.sqrt(2 / fan));
  const conv = (from, to, kernel, strides, activation) => {
    const filter = scaled([kernel, kernel, from, to], kernel * kernel * from);
    const bias = tf.zeros([to]);
    return (x) => tf.fused.conv2d({ x, filter, bias, strides, pad: 'same', activation });
  };
  const depthwise = (channels, strides) => {
    const filter = scaled([3, 3, channels, 1], 9);
    const bias = tf.zeros([channels]);
    return (x) => tf.fused.depthwiseConv2d({ x, filter, bias, strides, pad: 'same', activation: 'relu6' });
  };
  layers.push(conv(imageChannels, 32, 3, 2, 'relu6'));
  let from = 32;
  for (const [expansion, to, repeats, firstStride] of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const stride = repeat === 0 ? firstStride : 1;
      const inner = from * expansion;
      const block = [depthwise(inner, stride), conv(inner, to, 1, 1, 'linear')];
      if (expansion > 1) block.unshift(conv(from, inner, 1, 1, 'relu6'));
      const through = (x) => block.reduce((y, layer) => layer(y), x);
      layers.push(stride === 1 && from === to ? (x) => tf.add(through(x), x) : through);
      from = to;
    }
  }
  if (lastConvolution) layers.push(conv(from, 1280, 1, 1, 'relu6'));
  const pool = lastConvolution ? (x) => tf.mean(x, [1, 2]) : (x) => sevenRegions(tf, x);
  const features = lastConvolution ? 1280 : 7 * from;
  const weight = scaled([features, 256], features);
  return (image) => {
    const projected = tf.matMul(pool(layers.reduce((x, layer) => layer(x), image)), weight);
    return tf.div(projected, tf.norm(projected, 2, 1, true));
  };
}

/** Means over grids of 1 x 1, 2 x 1 and 1 x 4 cells: [N, H, W, C] -> [N, 7 C]. */
function sevenRegions(tf, x) {
  const [n, height, width] = x.shape;
  const cells = [[0, height, 0, width]];
  for (let i = 0; i < 2; i++) cells.push([...cell(i, 2, height), 0, width]);
  for (let i = 0; i < 4; i++) cells.push([0, height, ...cell(i, 4, width)]);
  const means = cells.map(([top, bottom, left, right]) =>
    tf.mean(tf.slice(x, [0, top, left, 0], [n, bottom - top, right - left, -1]), [1, 2]),
  );
  return tf.concat(means, 1);
}

/** From and to of cell i of `count`, which may overlap. */
function cell(i, count, size) {
  return [Math.floor((i * size) / count), Math.ceil(((i + 1) * size) / count)];
}
