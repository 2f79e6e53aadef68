/** A network that has learnt from none of the writers of some data sets: its distances to them are as those to strangers. */
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { areaUnderCurve } from '../evaluate/error-rates.js';
import {
  genuinePairs,
  type IdentityGroup,
  identities,
  randomForgeryPairs,
  skilledForgeryPairs,
} from '../evaluate/pairs.js';
import { prepareAlike } from '../image/options.js';
import type { SampleOfSet } from '../metric/sampler.js';
import { type LearntFrom, learntFrom, type ModelMetadata, viewsOf } from '../nn/model-metadata.js';
import type { Weights } from '../nn/weights.js';
import type { WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import { readStart } from './initial-weights.js';
import type { WitnessedPairs } from './jobs/fit-scale.js';
import { openViews } from './open-views.js';
import type { ImageSet } from './train.js';

export interface Witness {
  readonly weights: Weights;
  readonly metadata: ModelMetadata;
  readonly ancestry: readonly LearntFrom[];
}

/**
 * @param path - a model file, also of 8-bit integers
 * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID, WEIGHTS_INVALID; INVALID_ARGUMENT for one that prepares images otherwise
 */
export async function readWitness(path: string | undefined, { preprocess }: TrainConfig): Promise<Witness> {
  if (path === undefined) throw refuse('--radius-share wants a --witness');
  const { source, metadata } = await readStart(path);
  if (metadata === undefined) throw refuse(`Expected a model as --witness; ${path} holds weights alone`);
  if (!prepareAlike(metadata.preprocess, preprocess))
    throw refuse(`Expected a --witness that prepares images as this run does; ${metadata.id} does not`);
  return { weights: source, metadata, ancestry: learntFrom(metadata) };
}

/** What a witness says of writers: its distances. */
export interface Testimony {
  readonly images: ImageSet['images'];
  readonly pairs: WitnessedPairs;
  readonly writers: number;
}

/** Identities, and images of each, genuine and forged each, at most. */
const IDENTITIES = 400;
const IMAGES = 12;
/** Pairs of each writer, at most, but of strangers, who are among the forged ones so that skilled ones do not decide alone. */
const PAIRS = { genuine: 60, skilled: 36, strangersPerReference: 2 };
/** How often a genuine pair has to be nearer than a forged one, at least: half of the time by chance. */
const LEAST_AUC = 0.55;

/**
 * Asked before anything is learnt: it is the same afterwards, and a bad witness is no reason to lose a training.
 *
 * @param learntFrom - images of the run, of which those count that the witness can judge
 * @throws CountersignError INVALID_ARGUMENT where the witness knows the writers, or tells nothing of them
 */
export async function askWitness(
  pool: WorkerPool,
  config: TrainConfig,
  witness: Witness,
  learntFrom: ImageSet,
): Promise<Testimony> {
  const { metadata } = witness;
  const { samples, images } = drawImages(learntFrom, witness, new Rng(config.seed).fork('radius'));
  const embedder = await openViews(
    pool,
    { ...config, architecture: metadata.architecture },
    witness.weights,
    viewsOf(metadata),
  );
  const seen = { samples, embeddings: await embedder.embed(images), dimension: embedder.dimension };
  const rng = new Rng(config.seed).fork('pairs');
  const genuine = genuinePairs(seen, { perWriter: PAIRS.genuine, rng: rng.fork('genuine') });
  const tables = [
    genuine,
    skilledForgeryPairs(seen, { perWriter: PAIRS.skilled, rng: rng.fork('skilled') }),
    randomForgeryPairs(seen, rng.fork('random'), PAIRS.strangersPerReference),
  ];
  const column = (name: 'reference' | 'questioned' | 'distance') => tables.flatMap((table) => [...table[name]]);
  const distance = Float32Array.from(column('distance')); // first those of genuine pairs
  const count = genuine.distance.length;
  const auc = areaUnderCurve(distance.subarray(0, count), distance.subarray(count));
  if (auc < LEAST_AUC)
    throw refuse(
      `Expected a --witness to whom genuine signatures lie nearer than forged ones; to ${metadata.id} they do in ${Math.round(100 * auc)} of 100 comparisons`,
    );
  return {
    images,
    writers: new Set(samples.map(({ writer }) => writer)).size,
    pairs: {
      reference: Uint32Array.from(column('reference')),
      questioned: Uint32Array.from(column('questioned')),
      distance,
      isGenuine: Uint8Array.from(distance, (_, pair) => Number(pair < count)),
    },
  };
}

/** Some images of each identity that the witness can judge. */
function drawImages({ samples, images }: ImageSet, witness: Witness, rng: Rng): ImageSet {
  const all = judgeable(witness, samples);
  requireStrangers(witness, all);
  const rows = rng
    .fork('identities')
    .sample(all, IDENTITIES)
    .flatMap(({ genuine, forged }) => {
      const stream = rng.fork(samples[genuine[0]!]!.identity);
      return [genuine, forged].flatMap((of) => stream.sample(of, IMAGES));
    });
  return { samples: rows.map((row) => samples[row]!), images: rows.map((row) => images[row]!) };
}

/** Identities with genuine pairs and forgeries, of data sets that the witness has not learnt from. */
export function judgeable({ ancestry }: Pick<Witness, 'ancestry'>, samples: readonly SampleOfSet[]): IdentityGroup[] {
  const known = new Set(ancestry.map(({ dataset }) => dataset));
  return identities(samples).filter(
    ({ genuine, forged }) => genuine.length >= 2 && forged.length > 0 && !known.has(samples[genuine[0]!]!.dataset),
  );
}

function requireStrangers({ metadata, ancestry }: Witness, judged: readonly IdentityGroup[]): void {
  if (new Set(judged.map(({ writer }) => writer)).size >= 2) return;
  const sets = [...new Set(ancestry.map(({ dataset }) => dataset))].join(', ') || 'nothing';
  throw refuse(
    `Expected two writers or more with genuine pairs and forgeries whom the --witness has not learnt from; ${metadata.id} has learnt from ${sets}`,
  );
}

function refuse(what: string): CountersignError {
  return new CountersignError('INVALID_ARGUMENT', `${what}.`);
}
