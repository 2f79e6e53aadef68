// Identification among many writers, with made-up embeddings: time and recall of the index against a look through all, and
// the lookup of one writer's references beside it.
//   npm run build && node bench/identify.mjs [--writers 10000] [--queries 200] [--exact 50]
// In an embedded store of its own; with DATABASE_URL, in that (empty) database. 100,000 writers take some GB and an hour.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/core/rng.js';
import { sha256 } from '../dist/data/content-hash.js';
import { resolveLocation } from '../dist/store/location.js';
import { nearestReferences } from '../dist/store/nearest-references.js';
import { embeddingsOfWriters, referenceEmbeddings } from '../dist/store/reference-embeddings.js';
import { embeddings, models, referenceSignatures, writers } from '../dist/store/schema.js';
import { openStore } from '../dist/store/store.js';
import { refreshVectorIndex } from '../dist/store/vector-index.js';
import { compareEmbeddings } from '../dist/verify/comparison.js';
import { machine, median } from './report.mjs';

const REFERENCES = 5;
const MODEL = { id: 'made-up', dimension: 256 };
/** Fuses by energy, as a calibrated model does; what it says of likelihood is not asked. */
const FACTS = {
  similarity: { slope: 1, intercept: 0 },
  calibration: {
    fusion: 'energy',
    references: [{ count: 1, slope: 1, intercept: 0 }],
    logLikelihoodRatio: { low: 0, high: 0 },
  },
};
/** Deviation of one number of a reference from its writer's: two of one hand then lie 0.7 apart, two of two hands 1.4. */
const SPREAD = 0.58 / Math.sqrt(MODEL.dimension);
const WRITERS_AT_A_TIME = 200;
/** As `identify` asks. */
const NEIGHBOURS = 100;
const RANKED = 20;

const { values } = parseArgs({
  options: {
    writers: { type: 'string', default: '10000' },
    queries: { type: 'string', default: '200' },
    exact: { type: 'string', default: '50' },
  },
});
const [count, queries, exact] = [values.writers, values.queries, values.exact].map(Number);
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const onServer = process.env.DATABASE_URL !== undefined;
const location = resolveLocation(onServer ? undefined : join(folder, 'store'), process.env);
const store = await openStore(location, { ...process.env, XDG_DATA_HOME: folder });
const at = new Date();
try {
  const rng = new Rng('identify');
  await timed(`${count} writers x ${REFERENCES} references put in`, () => fill(rng));
  const { database, keys } = store;
  if (database.hasVectors) await timed('index made', () => refreshVectorIndex(database, MODEL));

  const pick = new Rng('queries');
  const questions = Array.from({ length: queries }, () => {
    const writer = Math.floor(pick.uniform() * count);
    return { writer, embedding: signed(centreOf(writer), pick) };
  });
  const search = async (embedding, options = {}) =>
    nearestReferences(store, embedding, { model: MODEL, count: NEIGHBOURS, at, ...options });
  const times = [];
  const lookups = [];
  let right = 0;
  for (const { writer, embedding } of questions) {
    const started = performance.now();
    const near = await search(embedding);
    const ids = [...new Set(near.map(({ writerId }) => writerId))].slice(0, RANKED);
    const ranked = (await embeddingsOfWriters(database.orm, keys, ids, MODEL.id))
      .map(({ writer: name, references }) => {
        const known = references.map((reference) => reference.embedding);
        return { name, ...compareEmbeddings(FACTS, known, embedding) };
      })
      .sort((a, b) => a.distance - b.distance);
    times.push(performance.now() - started);
    if (ranked[0]?.name === `writer ${writer}`) right++;
    const lookup = performance.now();
    await referenceEmbeddings(database.orm, keys, near[0].writerId, MODEL.id);
    lookups.push(performance.now() - lookup);
  }
  let [found, sought] = [0, 0];
  const exactTimes = [];
  for (const { embedding } of questions.slice(0, exact)) {
    const started = performance.now();
    const all = await search(embedding, { exact: true });
    exactTimes.push(performance.now() - started);
    const near = new Set((await search(embedding)).map(({ referenceId }) => referenceId));
    found += all.filter(({ referenceId }) => near.has(referenceId)).length;
    sought += all.length;
  }
  console.log(machine());
  console.log(
    `${count} writers x ${REFERENCES}, ${onServer ? 'PostgreSQL' : 'PGlite'}, ${database.hasVectors ? 'HNSW' : 'exact'}`,
  );
  console.log('what | median ms | 95th percentile');
  report('identify', times);
  report('look through all', exactTimes);
  report("one writer's references", lookups);
  console.log(`recall of the ${NEIGHBOURS} nearest | ${(found / sought).toFixed(4)}`);
  console.log(`the right writer first | ${right} of ${queries}`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true });
}

async function fill(rng) {
  await store.database.orm.insert(models).values({ ...MODEL, active: true, createdAt: at });
  for (let from = 0; from < count; from += WRITERS_AT_A_TIME) {
    const batch = Array.from({ length: Math.min(WRITERS_AT_A_TIME, count - from) }, (_, i) => {
      const writer = from + i;
      const references = Array.from({ length: REFERENCES }, () => ({
        id: randomUUID(),
        embedding: signed(centreOf(writer), rng),
      }));
      return { id: randomUUID(), externalRef: `writer ${writer}`, references };
    });
    await store.database.transaction(async (tx) => {
      const [enrolled, hash] = [{ state: 'enrolled', enrolledAt: at, image: Buffer.from('-') }, sha256('-')];
      await tx
        .insert(writers)
        .values(batch.map(({ id, externalRef }) => ({ id, externalRef, state: 'ready', createdAt: at })));
      const references = batch.flatMap((writer) => writer.references.map((one) => ({ ...one, writerId: writer.id })));
      await tx
        .insert(referenceSignatures)
        .values(references.map(({ id, writerId }, i) => ({ ...enrolled, id, writerId, imageHash: hashOf(hash, i) })));
      await tx.insert(embeddings).values(
        references.map(({ id, embedding }) => ({
          ...{ referenceId: id, modelId: MODEL.id, sealed: false, createdAt: at },
          vector: Buffer.from(embedding.buffer),
        })),
      );
    });
  }
}

/** Another one for each reference of a writer. */
function hashOf(hash, i) {
  return `${hash.slice(0, 56)}${i.toString(16).padStart(8, '0')}`;
}

/** Where a writer's signatures lie: the same every time. */
function centreOf(writer) {
  const rng = new Rng(`writer ${writer}`);
  return unit(Float32Array.from({ length: MODEL.dimension }, () => rng.normal()));
}

function signed(centre, rng) {
  return unit(centre.map((value) => value + rng.normal(0, SPREAD)));
}

function unit(vector) {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

async function timed(what, work) {
  const started = performance.now();
  await work();
  process.stderr.write(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

function report(what, times) {
  if (times.length === 0) return;
  const sorted = [...times].sort((a, b) => a - b);
  const percentile = sorted[Math.min(sorted.length - 1, Math.ceil(0.95 * sorted.length) - 1)];
  console.log(`${what} | ${median(times).toFixed(1)} | ${percentile.toFixed(1)}`);
}
