// How often does enrolment question a genuine reference, and how often does it find what is none? Genuine signatures of
// writers go through the gate of enrolment (src/verify/reference-consistency.ts), by themselves and with one that does not
// belong among them: a skilled forgery, or a genuine signature of another writer.
//   npm run build && node bench/consistency.mjs --data FOLDER [--protocol bhsig260-hindi/published] [--writers 60] [--draws 20]
// Shares with 95 % intervals, by bootstrap over writers. Nothing here chooses a setting.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/core/rng.js';
import { loadPreprocessed } from '../dist/data/cache.js';
import { ALL_WRITERS, findProtocol } from '../dist/data/find-protocol.js';
import { openDataset } from '../dist/data/open-dataset.js';
import { splitByProtocol } from '../dist/data/splits.js';
import { openEmbedder } from '../dist/runtime/model-embedder.js';
import { preprocessIn } from '../dist/runtime/preprocess-in.js';
import { modelFileOf } from '../dist/verify/package-models.js';
import { findMisfits } from '../dist/verify/reference-consistency.js';
import { machine, row } from './report.mjs';

const COUNTS = [2, 3, 5, 10];
const RESAMPLES = 2000;
const SEED = 1;

const { values } = parseArgs({
  options: {
    ...{ data: { type: 'string' }, protocol: { type: 'string' }, model: { type: 'string', default: 'default' } },
    ...{ writers: { type: 'string', default: '60' }, draws: { type: 'string', default: '20' } },
  },
});
const rng = new Rng(SEED);
const embedder = await openEmbedder(modelFileOf(values.model), { workers: availableParallelism() });
const dataset = await openDataset(values.data);
const protocol = values.protocol === undefined ? ALL_WRITERS : findProtocol(values.protocol);
const { test } = splitByProtocol(dataset, protocol, { validationWriters: 0, seed: SEED });
const writers = await embeddedWriters(test.samples);

console.log(machine());
console.log(`${dataset.name}, ${protocol.name}: ${writers.length} writers, ${values.draws} draws each`);
console.log(`model ${embedder.modelId}`);
row('references', 'genuine questioned', 'forgery found', 'genuine beside it', "another's found", 'genuine beside it');
for (const count of COUNTS) {
  const draws = writers.map((writer) => drawsOf(writer, count));
  const shares = ['alone', 'forgery', 'besideForgery', 'stranger', 'besideStranger'].map((what) => {
    return shareOf(draws.map((ofWriter) => total(ofWriter.map((draw) => draw[what]))));
  });
  row(`${count}`.padEnd(10), ...shares);
}
row('added later to', 'genuine questioned', 'forgery found', "another's found");
for (const count of COUNTS) {
  const draws = writers.map((writer) => additionsOf(writer, count));
  const shares = ['genuine', 'forgery', 'stranger'].map((what) => {
    return shareOf(draws.map((ofWriter) => total(ofWriter.map((draw) => draw[what]))));
  });
  row(`${count}`.padEnd(14), ...shares);
}
await embedder.close();

async function embeddedWriters(samples) {
  const names = [...new Set(samples.map(({ writer }) => writer))];
  const chosen = new Set(rng.fork('writers').sample(names, Number(values.writers)));
  const { samples: readable, images } = await loadPreprocessed(
    samples.filter(({ writer }) => chosen.has(writer)),
    embedder.metadata.preprocess,
    { cacheDir: null, ...preprocessIn(embedder.pool) },
  );
  const all = await embedder.embed(images);
  const { dimension } = embedder;
  const signatures = readable.map(({ id, writer, kind }, i) => {
    return { id, writer, kind, embedding: all.subarray(i * dimension, (i + 1) * dimension) };
  });
  const of = (name, kind) => signatures.filter((one) => one.writer === name && one.kind === kind);
  return [...chosen].sort().map((name) => ({ name, genuine: of(name, 'genuine'), forged: of(name, 'forged') }));
}

/** All at once, as `enrol` with several images: [questioned, of how many]. */
function drawsOf(writer, count) {
  return eachDraw(writer, count, (references, forgery, stranger) => {
    const mixed = (intruder) => {
      const misfits = questioned([], [...references.slice(1), intruder]);
      return { found: [Number(misfits.has(intruder.id)), 1], beside: [others(misfits, intruder), count - 1] };
    };
    const [withForgery, withStranger] = [mixed(forgery), mixed(stranger)];
    return {
      ...{ alone: [questioned([], references).size, count] },
      ...{ forgery: withForgery.found, besideForgery: withForgery.beside },
      ...{ stranger: withStranger.found, besideStranger: withStranger.beside },
    };
  });
}

/** One more for a writer who has so many references, as `enrol --add`. */
function additionsOf(writer, count) {
  return eachDraw(writer, count + 1, ([genuine, ...known], forgery, stranger) => {
    const isQuestioned = (one) => [Number(questioned(known, [one]).has(one.id)), 1];
    return { genuine: isQuestioned(genuine), forgery: isQuestioned(forgery), stranger: isQuestioned(stranger) };
  });
}

function eachDraw(writer, count, measure) {
  return Array.from({ length: Number(values.draws) }, (_, i) => {
    const draw = rng.fork(`${writer.name} ${count} ${i}`);
    const strangers = writers.filter(({ name }) => name !== writer.name);
    return measure(
      draw.sample(writer.genuine, count),
      draw.pick(writer.forged),
      draw.pick(draw.pick(strangers).genuine),
    );
  });
}

function questioned(known, added) {
  return findMisfits(known, added, embedder.metadata);
}

function others(misfits, { id }) {
  return misfits.size - Number(misfits.has(id));
}

function total(pairs) {
  return pairs.reduce(([hits, all], [more, of]) => [hits + more, all + of], [0, 0]);
}

/** `4.2 % [3.1, 5.5]`. */
function shareOf(byWriter) {
  const share = ([hits, all]) => (100 * hits) / all;
  const draw = rng.fork('bootstrap');
  const drawn = Array.from({ length: RESAMPLES }, () => share(total(byWriter.map(() => draw.pick(byWriter))))).sort(
    (a, b) => a - b,
  );
  const [low, high] = [0.025, 0.975].map((at) => drawn[Math.round(at * (RESAMPLES - 1))].toFixed(1));
  return `${share(total(byWriter)).toFixed(1)} % [${low}, ${high}]`;
}
