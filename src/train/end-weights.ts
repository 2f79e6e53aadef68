/** What becomes of the best weights once training is over: what their model file holds. */
import type { View } from '../image/views.js';
import type { Architecture } from '../nn/architecture.js';
import type { Weights } from '../nn/weights.js';
import type { WorkerPool } from '../runtime/pool.js';
import { averageWithStart } from './average-with-start.js';
import type { TrainConfig } from './config.js';
import type { DrawnImages } from './draw-identities.js';
import { fitRadius } from './fit-radius.js';
import { mergeFeatures } from './merge-features.js';
import { whitenHead } from './whiten-head.js';
import type { Testimony } from './witness.js';

export type EndConfig = Pick<TrainConfig, 'startShare' | 'whiteningShare' | 'featureShare' | 'radiusShare'>;

/** Whether a run ends with other weights than its best. */
export const changesWeights = (config: EndConfig): boolean =>
  config.startShare > 0 || turnsEmbeddings(config) || config.radiusShare > 0;

/** Whether a radius that was read off embeddings before the end is of others. */
export const turnsEmbeddings = ({ whiteningShare, featureShare }: EndConfig): boolean =>
  whiteningShare > 0 || featureShare > 0;

/** Whether weights that see images in other views end as others. */
export const endsByViews = ({ featureShare }: EndConfig): boolean => featureShare > 0;

export interface EndedWeights {
  readonly weights: Weights;
  readonly architecture: Architecture;
}

export interface TrainedWeights {
  /** Batch norm folded. */
  readonly best: Weights;
  /** What training started from; with `config.startShare`. */
  readonly start: Weights | undefined;
  /** Of what was learnt from; where the end turns embeddings. */
  readonly drawn: DrawnImages;
  /** With `config.radiusShare`. */
  readonly testimony: Testimony | undefined;
}

/**
 * One after the other: the average of two whitened heads would not be white, features stand beside the head as it is by then, and a
 * radius is read off the embeddings that it is given.
 *
 * @param views - that a model of the weights sees images in
 * @throws CountersignError INVALID_ARGUMENT for a witness that tells nothing
 */
export async function endWeights(
  pool: WorkerPool,
  config: TrainConfig,
  { best, start, drawn, testimony }: TrainedWeights,
  views: readonly View[],
): Promise<EndedWeights> {
  let weights = best;
  let { architecture } = config;
  if (config.startShare > 0) weights = averageWithStart(config, { start: start!, best });
  if (config.whiteningShare > 0) weights = await whitenHead(pool, config, weights, drawn);
  if (config.featureShare > 0) ({ weights, architecture } = await mergeFeatures(pool, config, weights, drawn, views));
  if (testimony === undefined) return { weights, architecture };
  weights = await fitRadius(pool, { ...config, architecture }, weights, testimony);
  return { weights, architecture: { ...architecture, radius: true } };
}
