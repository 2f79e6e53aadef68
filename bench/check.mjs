// Has the engine become slower? Compares ratios of times taken in one run, never times, with bench/ratios.json.
//   npm run bench:check [-- --write]      --write makes what was measured the new reference
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WorkerPool } from '../dist/runtime/pool.js';
import { matmulPeak } from './matmul-peak.mjs';
import { embeddingGradient, forwardFlop, images, openEngine } from './network.mjs';
import { machine, median, row } from './report.mjs';

/** A ratio may fall to this share of its reference: machines are shared, and ratios still vary by a tenth. */
const TOLERANCE = 0.75;
const BATCH = 20;
const ROUNDS = 5;
const REFERENCE = fileURLToPath(new URL('ratios.json', import.meta.url));

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** The engines are timed in turn, so that a slow minute of the machine hits all of them. */
async function timeGradients(variants) {
  const pictures = images(BATCH);
  const seed = embeddingGradient(BATCH);
  const opened = [];
  for (const { workers, layout } of variants) {
    const pool = new WorkerPool(workers);
    opened.push({ pool, engine: await openEngine(pool, { layout }), times: [] });
  }
  for (let round = -1; round < ROUNDS; round++) {
    for (const { engine, times } of opened) {
      const started = performance.now();
      await engine.gradient(pictures, seed);
      if (round >= 0) times.push(performance.now() - started);
    }
  }
  await Promise.all(opened.map(({ pool }) => pool.close()));
  return opened.map(({ times }) => median(times));
}

const [two, one, plain] = await timeGradients([
  { workers: 2, layout: 'fastest' },
  { workers: 1, layout: 'fastest' },
  { workers: 2, layout: 'plain' },
]);
const { gflops } = await matmulPeak({ workers: 2, runs: 3 });
const measured = {
  'gradient: two workers over one': one / two,
  "gradient: fastest layout over ONNX's plain operators": plain / two,
  'gradient: share of the MatMul peak': (3 * forwardFlop() * BATCH) / two / 1e6 / median(gflops),
};

console.log(machine());
if (values.write) {
  const rounded = Object.fromEntries(Object.entries(measured).map(([name, value]) => [name, Number(value.toFixed(2))]));
  writeFileSync(REFERENCE, `${JSON.stringify(rounded, null, 2)}\n`);
  console.log(`wrote ${REFERENCE}`);
}
const reference = JSON.parse(readFileSync(REFERENCE, 'utf8'));
row('ratio', 'measured', 'reference', '');
for (const [name, expected] of Object.entries(reference)) {
  const value = measured[name];
  if (value === undefined) throw new Error(`nothing measures "${name}" of ${REFERENCE}`);
  const slower = value < TOLERANCE * expected;
  if (slower) process.exitCode = 1;
  row(name, value.toFixed(2), expected.toFixed(2), slower ? `below ${TOLERANCE} of the reference` : 'ok');
}
