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
import { createSampler } from '../metric/sampler.js';
import { HEAD_PREFIX } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import { openOneView } from './open-views.js';
import type { ImageSet } from './train.js';

const whiten = defineJob<typeof import('./jobs/whiten.js').default>(import.meta.url, './jobs/whiten.js');

/** Of genuine signatures of identities with forgeries, drawn as those to learn from: data sets by their shares. */
const BATCHES = 120;

/**
 * @param pool - where the network runs, and the fit
 * @param weights - batch norm folded; of a radius among them no embedding here knows
 * @param development - what was learnt from
 * @returns all of them, the head's changed
 */
export async function whitenHead(
  pool: WorkerPool,
  config: TrainConfig,
  weights: Weights,
  development: ImageSet,
): Promise<Weights> {
  const { identities, genuine, forged, setShares, whiteningShare, seed } = config;
  const { samples, images } = imitated(development);
  const names = new Set(samples.map(({ dataset }) => dataset));
  const draw = createSampler(samples, {
    ...{ identities, genuine: genuine + forged, forged: 0 },
    setShares: Object.fromEntries(Object.entries(setShares).filter(([name]) => names.has(name))),
  });
  const rng = new Rng(seed).fork('whitening');
  const groups: number[][] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const { indices, labels } = draw(rng.fork(String(batch)));
    const drawn = new Map<number, number[]>();
    indices.forEach((index, i) => {
      const identity = labels.identity[i]!;
      drawn.set(identity, [...(drawn.get(identity) ?? []), index]);
    });
    groups.push(...drawn.values());
  }
  const indices = [...new Set(groups.flat())];
  const rowOf = new Map(indices.map((index, row) => [index, row]));
  const network = await openOneView(
    pool,
    { ...config, architecture: { ...config.architecture, radius: false } },
    weights,
  );
  const head = await pool.call(whiten, {
    directions: await network.embed(indices.map((index) => images[index]!)),
    dimension: config.architecture.embeddingSize,
    groups: groups.map((rows) => rows.map((index) => rowOf.get(index)!)),
    share: whiteningShare,
    weight: weights.get(`${HEAD_PREFIX}weight`)!,
    bias: weights.get(`${HEAD_PREFIX}bias`)!,
  });
  return new Map([...weights, [`${HEAD_PREFIX}weight`, head.weight], [`${HEAD_PREFIX}bias`, head.bias]]);
}

/** Who has forgeries, where anybody has: identities of other data sets differ by pen and screen more than by hand. */
function imitated({ samples, images }: ImageSet): ImageSet {
  const forged = new Set(samples.flatMap(({ kind, identity }) => (kind === 'forged' ? [identity] : [])));
  const rows = [...samples.keys()].filter((row) => forged.size === 0 || forged.has(samples[row]!.identity));
  return { samples: rows.map((row) => samples[row]!), images: rows.map((row) => images[row]!) };
}
