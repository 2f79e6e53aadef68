// The most arithmetic that ONNX Runtime gets out of this machine: float32 MatMuls, one thread a worker, all at once.
//   npm run build && node bench/matmul-peak.mjs [--runs 7] [--sizes 512,1024,2048]
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/core/rng.js';
import { Graph } from '../dist/nn/graph.js';
import { serialize } from '../dist/nn/serialize.js';
import { WorkerPool } from '../dist/runtime/pool.js';
import { machine, median, spread } from './report.mjs';

const WARM_UPS = 2;
const FLOP_A_RUN = 2 ** 35;

/**
 * A chain of products with one constant matrix, which is packed once, as weights are; no node but the first waits for
 * data from outside, and the last one's sum is all that goes back.
 *
 * @param size - rows and columns of each matrix
 * @returns `gflops`: of all workers together, one number a run
 */
export async function matmulPeak({ workers, runs, size = 512 }) {
  const products = Math.max(1, Math.round(FLOP_A_RUN / (2 * size ** 3)));
  const rng = new Rng(1);
  const graph = new Graph();
  const row = graph.input('row', [1, size]);
  const column = graph.constant(new Float32Array(size).fill(1), [size, 1]);
  const random = Float32Array.from({ length: size * size }, () => rng.normal(0, size ** -0.5));
  const matrix = graph.constant(random, [size, size]);
  let x = graph.node('Mul', [column, row], [size, size]);
  for (let i = 0; i < products; i++) x = graph.node('MatMul', [x, matrix], [size, size]);
  const model = serialize(graph, { outputs: { sum: graph.reduceSum(x, [1]) } });

  const pool = new WorkerPool(workers);
  const session = await pool.open(model);
  const feeds = { row: { data: Float32Array.from({ length: size }, () => rng.normal(0, 1)), shape: [1, size] } };
  const gflops = [];
  for (let run = -WARM_UPS; run < runs; run++) {
    const started = performance.now();
    await Promise.all(Array.from({ length: workers }, () => pool.run(session, { feeds, outputs: ['sum'] })));
    const seconds = (performance.now() - started) / 1000;
    if (run >= 0) gflops.push((workers * products * 2 * size ** 3) / seconds / 1e9);
  }
  await pool.close();
  return { gflops };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '7' }, sizes: { type: 'string', default: '512,1024,2048' } },
  });
  console.log(machine());
  console.log('float32 MatMul | workers of one thread | GFLOP/s together (median, spread)');
  for (const size of values.sizes.split(',').map(Number)) {
    for (const workers of [1, 2]) {
      const { gflops } = await matmulPeak({ workers, runs: Number(values.runs), size });
      console.log(`${size} x ${size} x ${size} | ${workers} | ${median(gflops).toFixed(0)} (${spread(gflops)})`);
    }
  }
}
