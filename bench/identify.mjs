// Whose signature is it, among many? Time and recall of `identify` by the index, against a comparison with all writers, and
// the lookup of one writer's references beside it. Embeddings are made up: `made-up-writers.mjs` says how.
//   npm run build && node bench/identify.mjs [--writers 10000] [--queries 200] [--exact 2] [--keep FOLDER]
// Image, network and the row of the audit log are in the time; the embedding of the image is then taken for a made-up one.
// In an embedded store of its own, which goes afterwards; with DATABASE_URL, in that (empty) database.
//   --keep: in this folder, where it stays and is gone on with: filled once (--queries 0), measured whenever it is quiet
//   --exact: of them so many `identify --exact` as well, which takes long where there are many
// Recall is against a comparison with all writers that is worked out in memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/core/rng.js';
import { signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../dist/data/synthetic/writer.js';
import { identify } from '../dist/decide/identify.js';
import { openEmbedder } from '../dist/runtime/model-embedder.js';
import { activeModel } from '../dist/store/active-model.js';
import { candidateWriters } from '../dist/store/candidates.js';
import { findWriter } from '../dist/store/find-writer.js';
import { resolveLocation } from '../dist/store/location.js';
import { referenceEmbeddings } from '../dist/store/reference-embeddings.js';
import { openStore } from '../dist/store/store.js';
import { refreshVectorIndex } from '../dist/store/writer-vectors.js';
import { PACKAGE_MODELS } from '../dist/verify/package-models.js';
import { comparisonWithAll, enrolMadeUp, numberOf, signatureOf } from './made-up-writers.mjs';
import { machine, median } from './report.mjs';

const REFERENCES = 5;
/** Writers to name, as the command does. */
const NAMED = 5;
const WARM_UP = 20;

const { values } = parseArgs({
  options: {
    writers: { type: 'string', default: '10000' },
    queries: { type: 'string', default: '200' },
    exact: { type: 'string', default: '2' },
    keep: { type: 'string' },
  },
});
const [count, queries, exact] = [values.writers, values.queries, values.exact].map(Number);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const onServer = process.env.DATABASE_URL !== undefined;
const location = resolveLocation(onServer ? undefined : join(folder, 'store'), process.env);
const store = await openStore(location, { ...process.env, XDG_DATA_HOME: folder });
const embedder = await openEmbedder(PACKAGE_MODELS.default);
// Embeddings are made up; those of a store that was kept may stand under an earlier model's name.
const active = await activeModel(store.database.orm);
const model = { id: active?.id ?? embedder.metadata.id, dimension: embedder.dimension };
const by = () => ({ at: new Date(), actor: 'bench' });
try {
  const { database, keys } = store;
  await timed(`${count} writers x ${REFERENCES} references`, () => enrolMadeUp(store, model, count, REFERENCES));
  if (database.hasVectors) await timed('index', () => refreshVectorIndex(database, model));
  if (queries > 0) await measure(database, keys);
} finally {
  await embedder.close();
  await store.close();
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}

async function measure(database, keys) {
  const signer = createWriter(new Rng(1), 1);
  const image = await encodePng(signGenuine(signer, new Rng('questioned')));
  const pick = new Rng('queries');
  const [whole, searches, lookups, all, answers] = [[], [], [], [], []];
  for (let i = -WARM_UP; i < queries; i++) {
    const writer = pick.int(count);
    const embedding = signatureOf(writer, 'questioned');
    const asked = {
      ...embedder,
      metadata: { ...embedder.metadata, id: model.id },
      embedFiles: async (files) => [{ ...(await embedder.embedFiles(files))[0], embedding }],
    };
    const { candidates, timingMs } = await identify(store, asked, image, { limit: NAMED }, by());
    const search = await timeOf(async () => {
      for await (const _ of candidateWriters(store, embedding, { model, count: 25, at: new Date() }));
    });
    const lookup = await timeOf(async () => {
      const { id } = await findWriter(database.orm, numberOf(writer), new Date());
      await referenceEmbeddings(database.orm, keys, id, model.id);
    });
    if (i < 0) continue;
    whole.push(timingMs);
    searches.push(search);
    lookups.push(lookup);
    const answer = { writer, embedding, named: candidates.map((candidate) => candidate.writer) };
    if (i < exact) {
      const compared = await identify(store, asked, image, { limit: NAMED, exact: true }, by());
      all.push(compared.timingMs);
      answer.exact = compared.candidates.map((candidate) => candidate.writer);
    }
    answers.push(answer);
  }
  const kind = `${onServer ? 'PostgreSQL' : 'PGlite'}, ${database.hasVectors ? 'HNSW' : 'no index'}`;
  console.log(machine());
  console.log(`${count} writers x ${REFERENCES} references, ${kind}, ${queries} queries`);
  console.log('what | median ms | 95th percentile');
  report('identify, image to answer', whole);
  report('of it, finding and reading whom to compare with', searches);
  report('identify by comparison with all', all);
  report("lookup of one writer's references", lookups);
  const compare = comparisonWithAll(count, REFERENCES);
  const judged = answers.map((answer) => ({ ...answer, nearest: compare(answer.embedding, NAMED) }));
  const found = judged.map(({ named, nearest }) => nearest.filter((name) => named.includes(name)).length);
  const recall = found.reduce((a, b) => a + b) / (queries * NAMED);
  const firsts = (names) => judged.filter((answer) => names(answer)?.[0] === numberOf(answer.writer)).length;
  const same = judged.filter(({ exact: names, nearest }) => names?.join() === nearest.join()).length;
  console.log(`recall of the ${NAMED} nearest writers of all | ${recall.toFixed(4)}`);
  console.log(`the right writer first | ${firsts(({ named }) => named)} of ${queries}`);
  console.log(`by comparison with all | ${firsts(({ nearest }) => nearest)} of ${queries}`);
  if (exact > 0) console.log(`identify --exact names those of the comparison in memory | ${same} of ${all.length}`);
}

async function timeOf(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function timed(what, work) {
  process.stderr.write(`${what}: ${((await timeOf(work)) / 1000).toFixed(1)} s\n`);
}

function report(what, times) {
  if (times.length === 0) return;
  const sorted = [...times].sort((a, b) => a - b);
  const percentile = sorted[Math.min(sorted.length - 1, Math.ceil(0.95 * sorted.length) - 1)];
  console.log(`${what} | ${median(times).toFixed(1)} | ${percentile.toFixed(1)}`);
}
