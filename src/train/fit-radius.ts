/**
 * The radius of embeddings: what makes distances of different writers mean the same.
 *
 * Distances are not of one scale. All signatures of one writer lie close together, forgeries too, and all of another far
 * apart; a threshold of each writer's own would err a third less than one for all. How a signature looks says some of it. A network cannot
 * learn it from its own distances to writers it learnt from, which are short for everyone; a witness can, a network that learnt from
 * none of them. With its distance d_w and the unit embeddings u [D] of the network itself,
 *
 *     log odds of genuine  =  c - k (log d_w(a, b) - (g(a) + g(b)) / 2),        g = sqrt(D) u . w
 *
 * is fitted by logistic regression, and an embedding becomes r u with the radius r = exp(-share (g - mean of g)): Euclidean
 * distances of who lies far apart shrink, those of who lies close together grow. `share` is less than 1, since the
 * witness errs more than the network does.
 */
import { Rng } from '../core/rng.js';
import { genuinePairs, randomForgeryPairs, skilledForgeryPairs } from '../evaluate/pairs.js';
import { ONE_VIEW } from '../image/views.js';
import { viewsOf } from '../nn/model-metadata.js';
import { RADIUS_PREFIX } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import { openViews } from './open-views.js';
import type { ImageSet } from './train.js';
import { judgeable, type Witness } from './witness.js';

const fitScale = defineJob<typeof import('./jobs/fit-scale.js').default>(import.meta.url, './jobs/fit-scale.js');

/** Identities, and images of each, genuine and forged each, at most. */
const IDENTITIES = 400;
const IMAGES = 12;
/** Pairs of each writer, at most, but of strangers, who are among the forged ones so that skilled ones do not decide alone. */
const PAIRS = { genuine: 60, skilled: 36, strangersPerReference: 2 };

export interface Radius {
  /** Those of the network, and its radius. */
  readonly weights: Weights;
  /** Writers that it was fitted on. */
  readonly writers: number;
}

/**
 * @param pool - where both networks run, and the fit
 * @param weights - batch norm folded; a radius that is among them is replaced
 * @param learntFrom - images of the run, of which those count that the witness can judge
 * @throws CountersignError DATASET_TOO_FEW_SAMPLES, DATASET_NO_FORGERIES
 */
export async function fitRadius(
  pool: WorkerPool,
  config: TrainConfig,
  weights: Weights,
  witness: Witness,
  learntFrom: ImageSet,
): Promise<Radius> {
  const { samples, images } = drawImages(learntFrom, witness, new Rng(config.seed).fork('radius'));
  const architecture = { ...config.architecture, radius: false };
  const own = await openViews(pool, { ...config, architecture }, weights, ONE_VIEW);
  const directions = await own.embed(images);
  const { metadata } = witness;
  const other = await openViews(
    pool,
    { ...config, architecture: metadata.architecture },
    witness.weights,
    viewsOf(metadata),
  );
  const seen = { samples, embeddings: await other.embed(images), dimension: other.dimension };

  const rng = new Rng(config.seed).fork('pairs');
  const tables = [
    genuinePairs(seen, { perWriter: PAIRS.genuine, rng: rng.fork('genuine') }),
    skilledForgeryPairs(seen, { perWriter: PAIRS.skilled, rng: rng.fork('skilled') }),
    randomForgeryPairs(seen, rng.fork('random'), PAIRS.strangersPerReference),
  ];
  const column = (name: 'reference' | 'questioned') => Uint32Array.from(tables.flatMap((table) => [...table[name]]));
  const { dimension } = own;
  const w = await pool.call(fitScale, {
    directions,
    dimension,
    reference: column('reference'),
    questioned: column('questioned'),
    distance: Float32Array.from(tables.flatMap(({ distance }) => [...distance])),
    isGenuine: Uint8Array.from(tables.flatMap(({ distance }, i) => [...distance].map(() => Number(i === 0)))),
  });
  const weight = w.map((value) => -config.radiusShare * value);
  let sum = 0;
  directions.forEach((value, i) => {
    sum += value * weight[i % dimension]!;
  });
  const bias = (-Math.sqrt(dimension) * sum * dimension) / directions.length;
  return {
    weights: new Map([
      ...weights,
      [`${RADIUS_PREFIX}weight`, { shape: [dimension], data: Float32Array.from(weight) }],
      [`${RADIUS_PREFIX}bias`, { shape: [1], data: Float32Array.of(bias) }],
    ]),
    writers: new Set(samples.map(({ writer }) => writer)).size,
  };
}

/** Some images of each identity that the witness can judge. */
function drawImages({ samples, images }: ImageSet, witness: Witness, rng: Rng): ImageSet {
  const some = rng.fork('identities').sample(judgeable(witness, samples), IDENTITIES);
  const rows = some.flatMap(({ genuine, forged }) => {
    const stream = rng.fork(samples[genuine[0]!]!.identity);
    return [genuine, forged].flatMap((of) => stream.sample(of, IMAGES));
  });
  return { samples: rows.map((row) => samples[row]!), images: rows.map((row) => images[row]!) };
}
