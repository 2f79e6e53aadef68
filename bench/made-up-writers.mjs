// Many enrolled writers without their images: embeddings drawn as the shipped model's lie.
//
// Measured on the model before it had a radius, which changes norms by a few per cent, on its test writers of BHSig260 (110 writers, 8 signatures each): writers' means vary along few directions (their
// variances fall about as exp(-i / 13.5), 0.68 in all, around a common mean of norm 0.28), signatures of one writer along more
// (exp(-i / 25), 0.25 in all, some writers more than others). Distances then come out as measured, 5 %, 50 % and 95 %:
//   two of one writer    0.47 0.68 0.95, drawn 0.52 0.69 0.89
//   of different writers 1.13 1.37 1.55, drawn 1.14 1.35 1.54
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { Rng } from '../dist/core/rng.js';
import { sha256 } from '../dist/data/content-hash.js';
import { embeddings, models, referenceSignatures, writers } from '../dist/store/schema.js';

const DIMENSION = 512;
const BETWEEN = deviations(13.5, 0.68);
const WITHIN = deviations(25, 0.25);
const COMMON_MEAN = 0.28;
/** Of the logarithm of a writer's own variance. */
const WRITERS_VARY = 0.25;
const WRITERS_AT_A_TIME = 200;

/** Standard deviations along the axes, of variances that fall by e every `fall` axes. */
function deviations(fall, total) {
  const variances = Array.from({ length: DIMENSION }, (_, i) => Math.exp(-i / fall));
  const sum = variances.reduce((a, b) => a + b);
  return variances.map((variance) => Math.sqrt((variance / sum) * total));
}

/** The same every time. @param writer - from 0; @param label - of the signature */
export function signatureOf(writer, label) {
  const own = new Rng(`writer ${writer}`);
  const varies = Math.exp((own.normal() * WRITERS_VARY) / 2);
  const centre = BETWEEN.map((deviation, i) => own.normal(0, deviation) + (i === DIMENSION - 1 ? COMMON_MEAN : 0));
  const rng = new Rng(`writer ${writer}, ${label}`);
  const drawn = turned(centre.map((value, i) => value + rng.normal(0, WITHIN[i] * varies)));
  const norm = Math.hypot(...drawn);
  return Float32Array.from(drawn, (value) => value / norm);
}

const SIGNS = Array.from({ length: DIMENSION }, (_, i) => (new Rng(`sign ${i}`).chance(0.5) ? 1 : -1));

/** A fixed rotation, so that no number says more than another: random signs, then Hadamard's matrix. */
function turned(vector) {
  const out = vector.map((value, i) => value * SIGNS[i]);
  for (let half = 1; half < DIMENSION; half *= 2) {
    for (let i = 0; i < DIMENSION; i++) {
      if (i & half) continue;
      [out[i], out[i + half]] = [out[i] + out[i + half], out[i] - out[i + half]];
    }
  }
  return out;
}

/** Their operators' numbers. */
export const numberOf = (writer) => `writer ${writer}`;

/** Puts writers in until there are `count`; what is there stays. @param model - as `models` has it, `DIMENSION` numbers */
export async function enrolMadeUp({ database }, model, count, references) {
  const at = new Date();
  await database.orm
    .insert(models)
    .values({ ...model, active: true, createdAt: at })
    .onConflictDoNothing();
  const { rows } = await database.orm.execute(
    sql`SELECT count(*)::int AS n FROM writers WHERE external_ref LIKE 'writer %'`,
  );
  if (rows[0].n > count) throw new Error(`There are ${rows[0].n} writers in it.`);
  for (let from = rows[0].n; from < count; from += WRITERS_AT_A_TIME) {
    const batch = Array.from({ length: Math.min(WRITERS_AT_A_TIME, count - from) }, (_, i) => ({
      id: randomUUID(),
      number: from + i,
    }));
    await database.transaction(async (tx) => {
      const [enrolled, hash] = [{ state: 'enrolled', enrolledAt: at, image: Buffer.from('-') }, sha256('-')];
      await tx
        .insert(writers)
        .values(batch.map(({ id, number }) => ({ id, externalRef: numberOf(number), state: 'ready', createdAt: at })));
      const rows = batch.flatMap(({ id, number }) =>
        Array.from({ length: references }, (_, i) => ({ id: randomUUID(), writerId: id, number, i })),
      );
      await tx.insert(referenceSignatures).values(
        rows.map(({ id, writerId, i }) => ({
          ...enrolled,
          id,
          writerId,
          imageHash: `${hash.slice(0, 60)}${1000 + i}`,
        })),
      );
      await tx.insert(embeddings).values(
        rows.map(({ id, number, i }) => ({
          ...{ referenceId: id, modelId: model.id, sealed: false, createdAt: at },
          vector: Buffer.from(signatureOf(number, `reference ${i}`).buffer),
        })),
      );
    });
  }
}

/**
 * Distances to all of `count` writers, worked out again beside the store: the mean distance to the references, less half their
 * mean distance from each other. @returns a function from an embedding to the numbers of the nearest, the nearest first
 */
export function comparisonWithAll(count, references) {
  const vectors = Array.from({ length: count * references }, (_, i) =>
    signatureOf(Math.floor(i / references), `reference ${i % references}`),
  );
  const of = (writer) => vectors.slice(writer * references, (writer + 1) * references);
  const mutual = Float64Array.from({ length: count }, (_, writer) => {
    const own = of(writer);
    const distances = own.flatMap((a, i) => own.slice(0, i).map((b) => distance(a, b)));
    return distances.reduce((a, b) => a + b) / distances.length;
  });
  return (embedding, named) => {
    const fused = Float64Array.from({ length: count }, (_, writer) => {
      const sum = of(writer).reduce((total, reference) => total + distance(reference, embedding), 0);
      return sum / references - mutual[writer] / 2;
    });
    const nearest = Array.from(fused.keys()).sort((a, b) => fused[a] - fused[b]);
    return nearest.slice(0, named).map(numberOf);
  };
}

function distance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}
