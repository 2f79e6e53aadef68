// Peak memory of training over batch sizes, each in a process of its own.
//   npm run build && node bench/training-memory.mjs [--batches 30,128,512] [--micro-batch 5]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WorkerPool } from '../dist/runtime/pool.js';
import { embeddingGradient, images, openEngine } from './network.mjs';
import { machine, row } from './report.mjs';

const { values } = parseArgs({
  options: {
    batches: { type: 'string', default: '30,128,512' },
    'micro-batch': { type: 'string', default: '5' },
    one: { type: 'string' },
  },
});

if (values.one === undefined) {
  console.log(machine());
  console.log(`embed and gradient of MobileNetV2 1.0, 224 x 224, 2 workers, micro-batch ${values['micro-batch']}`);
  row('batch', 'peak MB of the process');
  for (const batch of values.batches.split(',')) {
    const flags = ['--micro-batch', values['micro-batch'], '--one', batch];
    const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...flags], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status !== 0) process.exit(1);
    row(batch, stdout.trim());
  }
} else {
  const batch = Number(values.one);
  const pool = new WorkerPool(2);
  const engine = await openEngine(pool, { microBatch: Number(values['micro-batch']) });
  const pictures = images(batch);
  for (let run = 0; run < 3; run++) {
    await engine.embed(pictures);
    await engine.gradient(pictures, embeddingGradient(batch));
    await engine.weightsChanged();
  }
  console.log((process.resourceUsage().maxRSS / 1024).toFixed(0));
  await pool.close();
}
