// The package's model in floats, in 8-bit integers, in these without its closer look, and with a last stage and two views: one thread, run in turns.
//   npm run build && node bench/quantized.mjs [--runs 41]
// Fitted on synthetic signatures; speed and size do not depend on what it is fitted on.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quantizeModel } from '../dist/cli/quantize.js';
import { synthesizeDataset } from '../dist/data/synthetic/synthesize-dataset.js';
import { readModelMetadata } from '../dist/nn/model-metadata.js';
import { readModelFile } from '../dist/nn/read-model-file.js';
import { imageBatch } from '../dist/runtime/image-batch.js';
import { openSession } from '../dist/runtime/session.js';
import { PACKAGE_MODELS } from '../dist/verify/package-models.js';
import { images } from './network.mjs';
import { machine, median, ratio, row, spread } from './report.mjs';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '41' } } });
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
try {
  const [data, out] = [join(folder, 'signatures'), join(folder, 'int8.onnx')];
  await synthesizeDataset(data, { writers: 4, genuine: 5, forged: 5, seed: 1 });
  await quantizeModel({ model: PACKAGE_MODELS.float, data, images: 40, seed: 1, out, cacheDir: null });
  const { height, width } = readModelMetadata(await readModelFile(out)).preprocess.canvas;
  const models = {
    float32: PACKAGE_MODELS.float,
    int8: out,
    'int8, careful': PACKAGE_MODELS.careful,
    'int8, not enlarged: small': PACKAGE_MODELS.small,
  };
  const sessions = {};
  for (const [name, file] of Object.entries(models)) sessions[name] = await openSession(file);

  console.log(machine());
  row(`embedding, ${height} x ${width}, 1 thread, no pool`, 'batch', 'ms/image (spread)', 'float32 / this', 'MB');
  for (const batch of [1, 8]) {
    const image = imageBatch(images(batch, height, width));
    const milliseconds = Object.fromEntries(Object.keys(models).map((name) => [name, []]));
    for (let run = -5; run < Number(values.runs); run++) {
      for (const name of Object.keys(models)) {
        const started = performance.now();
        await sessions[name].run({ image });
        if (run >= 0) milliseconds[name].push((performance.now() - started) / batch);
      }
    }
    for (const [name, taken] of Object.entries(milliseconds)) {
      row(
        name,
        String(batch),
        `${median(taken).toFixed(2)} (${spread(taken)})`,
        ratio(median(milliseconds.float32) / median(taken)),
        (statSync(models[name]).size / 1e6).toFixed(1),
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
