// How long the main thread stands still while the pool trains: a real run with validation and checkpoints.
//   npm run build && node bench/event-loop.mjs [--steps 12]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { synthesizeDataset } from '../dist/data/synthetic/synthesize-dataset.js';
import { encodeSafetensors } from '../dist/nn/safetensors.js';
import { trainConfigSchema } from '../dist/train/config.js';
import { runTraining } from '../dist/train/run.js';
import { weights } from './network.mjs';
import { machine, row } from './report.mjs';

const RESOLUTION_MS = 1;
const { values } = parseArgs({ options: { steps: { type: 'string', default: '12' } } });
const room = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
try {
  await synthesizeDataset(join(room, 'data'), { writers: 24, genuine: 6, forged: 6, seed: 6 });
  await writeFile(join(room, 'init.safetensors'), encodeSafetensors(weights()));
  const config = trainConfigSchema.parse({
    steps: Number(values.steps),
    validationWriters: 8,
    validateEvery: 4,
    checkpointEvery: 4,
  });
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  await runTraining({
    config,
    data: [join(room, 'data')],
    init: join(room, 'init.safetensors'),
    out: join(room, 'run'),
    cacheDir: null,
    listener: { onStart: () => delays.enable() },
  });
  delays.disable();
  console.log(machine());
  console.log(`${values.steps} steps of training with 3 validations and checkpoints, 2 workers on this machine`);
  row('event loop late by, ms', 'median', '99 %', 'most');
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS).toFixed(1);
  row('', late(delays.percentile(50)), late(delays.percentile(99)), late(delays.max));
} finally {
  await rm(room, { recursive: true });
}
