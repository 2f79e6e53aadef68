/**
 * Within-class covariance normalisation: embeddings of one writer come to differ as much in every direction.
 *
 * In some directions signatures of one hand vary, in others they hardly do, and a distance that counts both alike takes a
 * genuine signature that varies for another's. With S the covariance [D, D] of unit embeddings u around the mean of their identity,
 *
 *     share D S / trace S + (1 - share) I  =  L L^T,        an embedding becomes  L^-1 u / |L^-1 u|
 *
 * Since u is the head's product divided by its norm, L^-1 goes into the head: the network stays as large and as fast as it was.
 *
 * @see Hatch, Kajarekar and Stolcke (2006), "Within-class covariance normalization for SVM-based speaker recognition"
 */
import { Rng } from '../core/rng.js';
import { createSampler, type SampleOfSet } from '../metric/sampler.js';
import { HEAD_PREFIX } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import { openDirections } from './open-views.js';
import type { ImageSet } from './train.js';

const whiten = defineJob<typeof import('./jobs/whiten.js').default>(import.meta.url, './jobs/whiten.js');

const BATCHES = 120;

/**
 * Genuine signatures to whiten by, drawn as batches are: data sets by their shares. Sets that nobody forged are left out where others
 * are there: what differs in them is pen and screen more than the hand.
 *
 * @returns positions in the list of samples, of one identity each, two at least
 * @throws CountersignError INVALID_ARGUMENT where no set to draw from has a share above 0
 */
export function drawWhitening(
  config: Pick<TrainConfig, 'identities' | 'genuine' | 'forged' | 'setShares' | 'seed'>,
  samples: readonly SampleOfSet[],
): number[][] {
  const forged = new Set(samples.flatMap(({ kind, dataset }) => (kind === 'forged' ? [dataset] : [])));
  const positions = [...samples.keys()].filter((i) => forged.size === 0 || forged.has(samples[i]!.dataset));
  const drawn = positions.map((i) => samples[i]!);
  const names = new Set(drawn.map(({ dataset }) => dataset));
  const draw = createSampler(drawn, {
    ...{ identities: config.identities, genuine: config.genuine + config.forged, forged: 0 },
    setShares: Object.fromEntries(Object.entries(config.setShares).filter(([name]) => names.has(name))),
  });
  const rng = new Rng(config.seed).fork('whitening');
  return Array.from({ length: BATCHES }, (_, batch) => draw(rng.fork(String(batch)))).flatMap(({ indices, labels }) => {
    const groups = new Map<number, number[]>();
    indices.forEach((index, i) => {
      const identity = labels.identity[i]!;
      groups.set(identity, [...(groups.get(identity) ?? []), positions[index]!]);
    });
    return [...groups.values()];
  });
}

/**
 * @param pool - where the network runs, and the fit
 * @param weights - batch norm folded; a radius among them plays no part, and is of other embeddings afterwards
 * @param groups - of `drawWhitening`, positions in `images`
 * @returns all of them, the head's changed
 */
export async function whitenHead(
  pool: WorkerPool,
  config: TrainConfig,
  weights: Weights,
  images: ImageSet['images'],
  groups: readonly (readonly number[])[],
): Promise<Weights> {
  const positions = [...new Set(groups.flat())];
  const rowOf = new Map(positions.map((position, row) => [position, row]));
  const network = await openDirections(pool, config, weights);
  const head = await pool.call(whiten, {
    directions: await network.embed(positions.map((position) => images[position]!)),
    dimension: network.dimension,
    groups: groups.map((rows) => rows.map((position) => rowOf.get(position)!)),
    share: config.whiteningShare,
    weight: weights.get(`${HEAD_PREFIX}weight`)!,
    bias: weights.get(`${HEAD_PREFIX}bias`)!,
  });
  return new Map([...weights, [`${HEAD_PREFIX}weight`, head.weight], [`${HEAD_PREFIX}bias`, head.bias]]);
}
