/**
 * The network of the start as a teacher of itself: each signature is seen as it is and mirrored, three times more, and
 * the embeddings side by side err less than any one of them, at four times the cost. Training has one view learn their
 * distances, beside its own loss.
 */
import { mirror } from '../image/mirror.js';
import type { InkImage } from '../image/types.js';
import type { Weights } from '../nn/weights.js';
import { GradientEngine } from '../runtime/gradient-engine.js';
import type { WorkerPool } from '../runtime/pool.js';
import type { TrainConfig } from './config.js';

/** Left to right, top to bottom. */
const VIEWS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

export interface Teacher {
  readonly dimension: number;
  /** @returns [N, dimension], rows of norm 1 */
  embed(images: readonly InkImage[]): Promise<Float32Array>;
}

/** @param weights - batch norm folded */
export async function createTeacher(
  pool: WorkerPool,
  { architecture, preprocess, microBatch }: Pick<TrainConfig, 'architecture' | 'preprocess' | 'microBatch'>,
  weights: Weights,
): Promise<Teacher> {
  const embedOnly = { microBatch, isTrainable: () => false };
  const engine = await GradientEngine.create(pool, architecture, preprocess.canvas, weights, embedOnly);
  return {
    dimension: VIEWS.length * engine.dimension,
    async embed(images) {
      const views = images.flatMap((image) => VIEWS.map(([x, y]) => mirror(image, x, y)));
      const rows = await engine.embed(views); // [N, views, D], each of norm 1
      const scale = 1 / Math.sqrt(VIEWS.length);
      return rows.map((value) => value * scale);
    },
  };
}
