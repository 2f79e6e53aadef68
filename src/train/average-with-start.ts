/**
 * The weights between those that training started from and those it came to. Where the one goes on from the other they
 * lie in one valley, and what lies between them does better than either on writers and scanners that were not learnt
 * from (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
 */
import { parametersOf } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';
import type { ImageSet } from './train.js';
import type { Validation } from './validate.js';

const validate = defineJob<typeof import('./jobs/validate.js').default>(import.meta.url, './jobs/validate.js');

/**
 * @param start - batch norm folded, as `best` is
 * @returns `config.startShare` of `start` and the rest of `best`, and what the validation writers say about it
 */
export async function averageWithStart(
  pool: WorkerPool,
  config: TrainConfig,
  { start, best }: { readonly start: Weights; readonly best: Weights },
  { samples, images }: ImageSet,
): Promise<{ readonly weights: Weights; readonly validation: Validation }> {
  const { architecture, startShare, microBatch, leaveOut } = config;
  const weights = new Map(
    parametersOf(architecture).map(({ name, shape }) => {
      const [from, to] = [start.get(name)!.data, best.get(name)!.data];
      return [name, { shape, data: to.map((value, i) => value + startShare * (from[i]! - value)) }];
    }),
  );
  const { canvas } = config.preprocess;
  const embedOnly = { microBatch, isTrainable: () => false };
  const engine = await GradientEngine.create(pool, architecture, canvas, weights, embedOnly);
  const embeddings = await engine.embed(images);
  const { dimension } = engine;
  return { weights, validation: await pool.call(validate, { samples, embeddings, dimension, leftOut: leaveOut }) };
}
