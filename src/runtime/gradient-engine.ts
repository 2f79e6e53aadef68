/**
 * Embeddings and gradients of any batch in bounded memory, over the pool (Gao et al. 2021, "GradCache").
 *
 * A loss over a whole batch needs all embeddings, but not all activations: (1) `embed` runs the batch forward only, in
 * micro-batches; (2) the caller computes the loss and dL/d(embedding); (3) `gradient` runs forward and backward micro-
 * batch by micro-batch with those rows as the seed and sums. Micro-batches go to the next worker that comes free, their
 * terms into the sum in the order of the batch: the result depends on the micro-batch's size alone, neither on timing
 * nor on the number of workers.
 */
import { mapConcurrent } from '../data/map-concurrent.js';
import type { InkImage } from '../image/types.js';
import type { Architecture } from '../nn/architecture.js';
import { parametersOf } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { channelBlock } from './channel-block.js';
import { gradientName } from './jobs/build-training-models.js';
import type { OrderedSum } from './messages.js';
import { loseTurn } from './ordered-sum.js';
import { defineJob, type PoolSession, type PoolWeights, type WorkerPool } from './pool.js';
import { type SharedWeights, sharedCopy, sharedTensors } from './shared-weights.js';

const buildTrainingModels = defineJob<typeof import('./jobs/build-training-models.js').default>(
  import.meta.url,
  './jobs/build-training-models.js',
);

export interface GradientEngineOptions {
  /** Images a worker runs at once; memory grows with it (`bench/training-memory.mjs`). */
  readonly microBatch?: number;
  /** Which parameters get gradients; the others stay as they are. */
  readonly isTrainable?: (parameterName: string) => boolean;
  /** `plain` keeps to ONNX's own operators also where the runtime has faster ones (see nn/operators/blocked-conv.ts). */
  readonly layout?: 'fastest' | 'plain';
}

interface Sessions {
  readonly weights: PoolWeights;
  readonly forward: PoolSession;
  readonly backward: PoolSession;
}

export class GradientEngine {
  readonly dimension: number;
  /** Every parameter, in shared memory: change it in place between runs, and then call `weightsChanged`. */
  readonly weights: SharedWeights;
  /** Trainable parameters, in the order of the flat gradient. */
  readonly trainable: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Channels side by side in feature maps; undefined for ONNX's plain order. */
  readonly channelBlock: number | undefined;

  readonly #pool: WorkerPool;
  readonly #microBatch: number;
  readonly #sessions: Sessions;
  readonly #sum: SharedWeights;

  private constructor(
    pool: WorkerPool,
    fields: Pick<GradientEngine, 'dimension' | 'weights' | 'trainable' | 'channelBlock'>,
    microBatch: number,
    sessions: Sessions,
  ) {
    this.#pool = pool;
    this.dimension = fields.dimension;
    this.weights = fields.weights;
    this.trainable = fields.trainable;
    this.channelBlock = fields.channelBlock;
    this.#microBatch = microBatch;
    this.#sessions = sessions;
    this.#sum = sharedTensors(fields.trainable.map(({ name, shape }) => ({ name: gradientName(name), shape })));
  }

  static async create(
    pool: WorkerPool,
    architecture: Architecture,
    canvas: { readonly height: number; readonly width: number },
    initial: Weights,
    { microBatch = 5, isTrainable = () => true, layout = 'fastest' }: GradientEngineOptions = {},
  ): Promise<GradientEngine> {
    const block = layout === 'fastest' ? await channelBlock(pool) : undefined;
    const parameters = parametersOf(architecture);
    const trainable = parameters.filter(({ name }) => isTrainable(name));
    const weights = await sharedCopy(parameters, initial);
    const models = await pool.call(buildTrainingModels, {
      architecture,
      input: { batch: microBatch, ...canvas },
      trainable: trainable.map(({ name }) => name),
      channelBlock: block,
    });
    const prepared = await pool.openWeights(models.prepare, weights.slices);
    return new GradientEngine(
      pool,
      { dimension: architecture.embeddingSize, weights, trainable, channelBlock: block },
      microBatch,
      {
        weights: prepared,
        forward: await pool.open(models.forward, prepared),
        backward: await pool.open(models.backward, prepared),
      },
    );
  }

  weightsChanged(): Promise<void> {
    return this.#sessions.weights.read();
  }

  /** @returns [N, D] float32, rows of norm 1 */
  async embed(images: readonly InkImage[]): Promise<Float32Array> {
    const out = new Float32Array(images.length * this.dimension);
    await this.#eachMicroBatch(images, async (part, start) => {
      const request = { images: part, batch: this.#microBatch, outputs: ['embedding'] };
      const { embedding } = await this.#pool.run(this.#sessions.forward, request);
      out.set(embedding!.data.subarray(0, part.length * this.dimension), start * this.dimension);
    });
    return out;
  }

  /**
   * Sum over the images of dL/d(parameters).
   *
   * @param embeddingGradient - dL/d(embedding), [N, D]
   * @returns flat, in shared memory, in the order of `trainable`; overwritten by the next call
   */
  async gradient(images: readonly InkImage[], embeddingGradient: Float32Array): Promise<Float32Array> {
    const turn = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    await this.#eachMicroBatch(images, async (part, start, index) => {
      const seed = new Float32Array(this.#microBatch * this.dimension); // rows past the batch's end stay 0
      seed.set(embeddingGradient.subarray(start * this.dimension, (start + part.length) * this.dimension));
      const addTo: OrderedSum = { targets: this.#sum.slices, ticket: index, turn };
      try {
        await this.#pool.run(this.#sessions.backward, {
          images: part,
          batch: this.#microBatch,
          feeds: { embeddingGradient: { data: seed, shape: [this.#microBatch, this.dimension] } },
          addTo,
        });
      } catch (error) {
        loseTurn(addTo); // a thread that died cannot say so itself
        throw error;
      }
    });
    return this.#sum.flat;
  }

  /** All at once into the pool's queue, which hands them out in order; a few more wait there than there are workers. */
  async #eachMicroBatch(
    images: readonly InkImage[],
    work: (part: readonly InkImage[], start: number, index: number) => Promise<void>,
  ): Promise<void> {
    const starts = Array.from({ length: Math.ceil(images.length / this.#microBatch) }, (_, i) => i * this.#microBatch);
    await mapConcurrent(starts, 2 * this.#pool.size, (start, index) =>
      work(images.slice(start, start + this.#microBatch), start, index),
    );
  }
}
