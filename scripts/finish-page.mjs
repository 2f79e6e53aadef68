/**
 * What a build of the page needs beside its scripts: the pictures of its examples, and every file compressed beforehand for
 * the server to send. Says how much script the first view loads.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { Rng } from '../dist/core/rng.js';
import { forge, signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../dist/data/synthetic/writer.js';

const PAGE = 'dist/web';

await writeExamples();
const bytes = firstLoad();
compress();
console.log(`page: ${(bytes / 1024).toFixed(1)} KiB of script in the first view, compressed`);

/** The same writers and signatures as `countersign synthesize --seed` makes. */
async function writeExamples() {
  const { seed, examples } = JSON.parse(readFileSync('src/web/compare/examples.json', 'utf8'));
  const root = new Rng(seed);
  mkdirSync(join(PAGE, 'examples'), { recursive: true });
  for (const { writer, references, questioned } of examples) {
    const signer = createWriter(root, writer);
    for (const [kind, index] of [...references.map((reference) => ['genuine', reference]), questioned]) {
      const rng = root.fork(`signatures ${writer}`).fork(`${kind} ${index}`);
      const image = kind === 'genuine' ? signGenuine(signer, rng) : forge(signer, rng);
      writeFileSync(join(PAGE, 'examples', `signer-${writer}-${kind}-${index}.png`), await encodePng(image));
    }
  }
}

/** Bytes of the entry and of what it imports statically, each compressed as it is sent. */
function firstLoad() {
  const manifest = JSON.parse(readFileSync(join(PAGE, '.vite/manifest.json'), 'utf8'));
  const wanted = new Set(Object.keys(manifest).filter((name) => manifest[name].isEntry));
  for (const name of wanted) for (const imported of manifest[name].imports ?? []) wanted.add(imported);
  const files = [...wanted].map((name) => manifest[name].file);
  return files.reduce((sum, file) => sum + brotli(readFileSync(join(PAGE, file))).length, 0);
}

function compress() {
  for (const name of readdirSync(PAGE, { recursive: true })) {
    const file = join(PAGE, name);
    if (!statSync(file).isFile() || !/\.(js|css|html|svg|wasm)$/.test(name)) continue;
    const content = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
    writeFileSync(`${file}.br`, brotli(content));
  }
}

/** Large files at a lower level: the highest takes half a minute for the runtime and saves little. Weights hardly shrink. */
function brotli(content) {
  const level = content.length > 1_000_000 ? 5 : 11;
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: level } });
}
