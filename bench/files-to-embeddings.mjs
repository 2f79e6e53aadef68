// Image files to embeddings with the shipped model, files a second and memory.
//   npm run build && node bench/files-to-embeddings.mjs [--data DIR] [--count 1200] [--workers 1,2]
// --data: a folder with image files somewhere below it; without it, synthetic signatures. Files are read again and
// again up to --count; memory is looked at ten times on the way.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesizeDataset } from '../dist/data/synthetic/synthesize-dataset.js';
import { openEmbedder } from '../dist/runtime/model-embedder.js';
import { PACKAGE_MODELS } from '../dist/verify/package-models.js';
import { machine, row } from './report.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    count: { type: 'string', default: '1200' },
    workers: { type: 'string', default: '1,2' },
    model: { type: 'string', default: PACKAGE_MODELS.default },
  },
});
const count = Number(values.count);
const made = values.data === undefined ? await mkdtemp(join(tmpdir(), 'countersign-bench-')) : undefined;
try {
  if (made !== undefined) await synthesizeDataset(made, { writers: 10, seed: 4 });
  const folder = values.data ?? made;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(png|tiff?|jpe?g|webp)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  console.log(machine());
  console.log(`${count} files (${files.length} different${made ? ', synthetic' : ''}) to embeddings`);
  row('workers', 'files/s', 'failed', 'MB after each tenth');
  for (const workers of values.workers.split(',').map(Number)) {
    const embedder = await openEmbedder(values.model, { workers });
    const repeated = function* () {
      for (let i = 0; i < count; i++) yield files[i % files.length];
    };
    await embedder.embedFiles(files.slice(0, 32)); // warms up
    const memory = [];
    let [done, failed] = [0, 0];
    const started = performance.now();
    for await (const result of embedder.embedStream(repeated())) {
      if ('error' in result) failed++;
      if (++done % Math.ceil(count / 10) === 0) memory.push((process.memoryUsage.rss() / 2 ** 20).toFixed(0));
    }
    const seconds = (performance.now() - started) / 1000;
    row(workers, (count / seconds).toFixed(0), failed, memory.join(' '));
    await embedder.close();
  }
} finally {
  if (made !== undefined) await rm(made, { recursive: true });
}
