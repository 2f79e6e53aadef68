/**
 * Embeddings and gradients of any batch in bounded memory, over the pool (Gao et al. 2021, "GradCache").
 *
 * A loss over a whole batch needs all embeddings, but not all activations: (1) `forward` runs the batch forward only, in
 * micro-batches; (2) the caller computes the loss and dL/d(embedding); (3) `gradient` runs forward and backward micro-
 * batch by micro-batch with those rows as the seed and sums. Micro-batches go to the next worker that comes free, their
 * terms into the sum in the order of the batch: the result depends on the micro-batch's size alone, neither on timing
 * nor on the number of workers.
 *
 * With trained batch norm the statistics are those of a micro-batch (Hoffer et al. 2017, "ghost batch normalization").
 * Phases 1 and 3 cut the batch into the same micro-batches, so that the embeddings of the loss are those of its gradient.
 */
import type { InkImage } from '../image/types.js';
import type { Architecture } from '../nn/architecture.js';
import { FLAT_PARAMETERS } from '../nn/flat-parameters.js';
import { type BatchNorm, elementCount, type Tensor } from '../nn/graph.js';
import { HEAD_WEIGHT, parametersOf } from '../nn/network.js';
import type { Weights } from '../nn/weights.js';
import { channelBlock } from './channel-block.js';
import type { OrderedSum, SharedTensor } from './messages.js';
import { consecutive, eachMicroBatch, meanOf, rowsOf, runForward, spread } from './micro-batches.js';
import { loseTurn } from './ordered-sum.js';
import { defineJob, type PoolSession, type PoolWeights, type WorkerPool } from './pool.js';
import { type SharedWeights, sharedCopy, sharedFloats } from './shared-weights.js';

const buildTrainingModels = defineJob<typeof import('./jobs/build-training-models.js').default>(
  import.meta.url,
  './jobs/build-training-models.js',
);

export interface GradientEngineOptions {
  /** Images a worker runs at once; memory grows with it (`bench/training-memory.mjs`). */
  readonly microBatch?: number;
  /** Which parameters get gradients; the others stay as they are. With none the engine only embeds. */
  readonly isTrainable?: (parameterName: string) => boolean;
  /**
   * `plain` keeps to ONNX's own operators also where the runtime has faster ones (see nn/operators/blocked-conv.ts),
   * `flat` too, with one tensor for all parameters: what is fastest on a graphics card.
   */
  readonly layout?: 'fastest' | 'plain' | 'flat';
  /** `trained` needs weights in that form (see nn/batch-norm-folding.ts). */
  readonly batchNorm?: BatchNorm;
}

interface Sessions {
  readonly weights: PoolWeights;
  readonly forward: PoolSession;
  readonly backward: PoolSession | undefined;
}

export class GradientEngine {
  readonly dimension: number;
  /** Numbers that the head reads of an image. */
  readonly featureCount: number;
  /** Every parameter, in shared memory: change it in place between runs, and then call `weightsChanged`. */
  readonly weights: SharedWeights;
  /** Trainable parameters, in the order of the flat gradient. */
  readonly trainable: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Channels side by side in feature maps; undefined for ONNX's plain order. */
  readonly channelBlock: number | undefined;

  readonly #pool: WorkerPool;
  readonly #microBatch: number;
  readonly #cut: typeof consecutive;
  readonly #sessions: Sessions;
  /** Outputs of the forward session beside the embedding. */
  readonly #statistics: readonly string[];
  readonly #sum: Float32Array;

  private constructor(
    pool: WorkerPool,
    fields: Pick<GradientEngine, 'dimension' | 'featureCount' | 'weights' | 'trainable' | 'channelBlock'>,
    { microBatch, batchNorm }: { readonly microBatch: number; readonly batchNorm: BatchNorm },
    sessions: Sessions,
    statistics: readonly string[],
  ) {
    this.#pool = pool;
    this.dimension = fields.dimension;
    this.featureCount = fields.featureCount;
    this.weights = fields.weights;
    this.trainable = fields.trainable;
    this.channelBlock = fields.channelBlock;
    this.#microBatch = microBatch;
    this.#cut = batchNorm === 'trained' ? spread : consecutive;
    this.#sessions = sessions;
    this.#statistics = statistics;
    this.#sum = sharedFloats(fields.trainable.reduce((sum, { shape }) => sum + elementCount(shape), 0));
  }

  static async create(
    pool: WorkerPool,
    architecture: Architecture,
    canvas: { readonly height: number; readonly width: number },
    initial: Weights,
    { microBatch = 5, isTrainable = () => true, layout = 'fastest', batchNorm = 'folded' }: GradientEngineOptions = {},
  ): Promise<GradientEngine> {
    const flat = layout === 'flat' || (layout === 'fastest' && pool.device !== 'cpu');
    const block = layout === 'fastest' && !flat ? await channelBlock(pool) : undefined;
    const parameters = parametersOf(architecture, { batchNorm });
    const trainable = parameters.filter(({ name }) => isTrainable(name));
    const weights = await sharedCopy(parameters, initial);
    const models = await pool.call(buildTrainingModels, {
      architecture,
      input: { batch: microBatch, ...canvas },
      trainable: trainable.map(({ name }) => name),
      channelBlock: block,
      batchNorm,
      flat,
    });
    const prepared = await pool.openWeights(models.prepare, flat ? [wholeOf(weights)] : weights.slices);
    return new GradientEngine(
      pool,
      {
        dimension: architecture.embeddingSize,
        featureCount: headOf(parameters).shape[1]!,
        weights,
        trainable,
        channelBlock: block,
      },
      { microBatch, batchNorm },
      {
        weights: prepared,
        forward: await pool.open(models.forward, prepared),
        backward: models.backward && (await pool.open(models.backward, prepared)),
      },
      models.statistics,
    );
  }

  weightsChanged(): Promise<void> {
    return this.#sessions.weights.read();
  }

  /** @returns [N, D] float32, rows of norm 1 or of a radius */
  async embed(images: readonly InkImage[]): Promise<Float32Array> {
    return (await this.forward(images)).embeddings;
  }

  /** @returns what the head reads, [N, F] float32 */
  async features(images: readonly InkImage[]): Promise<Float32Array> {
    const { results, microBatches } = await this.#outputs(images, ['features']);
    return rowsOf(results, 'features', microBatches, this.featureCount);
  }

  /**
   * @returns `embeddings`, [N, D] float32; `statistics` of batch norm, if it is trained: `<layer>.mean`
   *   and `<layer>.variance`, means over the micro-batches
   */
  async forward(
    images: readonly InkImage[],
  ): Promise<{ readonly embeddings: Float32Array; readonly statistics: Weights }> {
    const { results, microBatches } = await this.#outputs(images, ['embedding', ...this.#statistics]);
    return {
      embeddings: rowsOf(results, 'embedding', microBatches, this.dimension),
      statistics: meanOf(results, this.#statistics),
    };
  }

  async #outputs(images: readonly InkImage[], outputs: readonly string[]) {
    const microBatches = this.#cut(images.length, this.#microBatch);
    const request = { microBatches, size: this.#microBatch, outputs };
    return { microBatches, results: await runForward(this.#pool, this.#sessions.forward, images, request) };
  }

  /**
   * Sum over the images of dL/d(parameters).
   *
   * @param embeddingGradient - dL/d(embedding), [N, D]
   * @returns flat, in shared memory, in the order of `trainable`; overwritten by the next call
   */
  async gradient(images: readonly InkImage[], embeddingGradient: Float32Array): Promise<Float32Array> {
    const { dimension } = this;
    const { backward } = this.#sessions;
    if (backward === undefined) throw new Error('no parameter is trainable');
    const turn = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    await eachMicroBatch(this.#cut(images.length, this.#microBatch), async ({ rows, own }, index) => {
      const seed = new Float32Array(this.#microBatch * dimension); // rows that fill up stay 0
      rows.slice(0, own).forEach((row, i) => {
        seed.set(embeddingGradient.subarray(row * dimension, (row + 1) * dimension), i * dimension);
      });
      const addTo: OrderedSum = { sum: this.#sum, ticket: index, turn };
      try {
        await this.#pool.run(backward, {
          images: rows.map((row) => images[row]!),
          batch: this.#microBatch,
          feeds: { embeddingGradient: { data: seed, shape: [this.#microBatch, dimension] } },
          addTo,
        });
      } catch (error) {
        loseTurn(addTo); // a thread that died cannot say so itself
        throw error;
      }
    });
    return this.#sum;
  }
}

const headOf = (parameters: readonly Tensor[]) => parameters.find(({ name }) => name === HEAD_WEIGHT)!;

function wholeOf({ flat }: SharedWeights): SharedTensor {
  return { name: FLAT_PARAMETERS, shape: [flat.length], buffer: flat.buffer as SharedArrayBuffer, offset: 0 };
}
