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
import { elementCount, type Tensor } from '../nn/graph.js';
import { buildTrainingNetwork } from '../nn/network.js';
import { serialize } from '../nn/serialize.js';
import { hoistParameterWork, neededFor } from '../nn/subgraph.js';
import type { Weights, WeightTensor } from '../nn/weights.js';
import { channelBlock } from './channel-block.js';
import type { OrderedSum, SharedTensor } from './messages.js';
import { loseTurn } from './ordered-sum.js';
import type { PoolSession, PoolWeights, WorkerPool } from './pool.js';

export interface GradientEngineOptions {
  /** Images a worker runs at once; memory grows with it (`bench/training-memory.mjs`). */
  readonly microBatch?: number;
  /** Which parameters get gradients; the others stay as they are. */
  readonly isTrainable?: (parameterName: string) => boolean;
  /** `plain` keeps to ONNX's own operators also where the runtime has faster ones (see nn/operators/blocked-conv.ts). */
  readonly layout?: 'fastest' | 'plain';
}

export class GradientEngine {
  readonly dimension: number;
  /** Every parameter, in shared memory: change it in place between runs, and then call `weightsChanged`. */
  readonly weights: ReadonlyMap<string, WeightTensor>;
  /** Trainable parameters, in the order of the flat gradient. */
  readonly trainable: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Channels side by side in feature maps; undefined for ONNX's plain order. */
  readonly channelBlock: number | undefined;

  readonly #pool: WorkerPool;
  readonly #microBatch: number;
  readonly #sessions: { readonly weights: PoolWeights; readonly forward: PoolSession; readonly backward: PoolSession };
  readonly #sum: { readonly flat: Float32Array; readonly targets: readonly SharedTensor[] };

  private constructor(
    pool: WorkerPool,
    fields: Pick<GradientEngine, 'dimension' | 'weights' | 'trainable' | 'channelBlock'>,
    microBatch: number,
    sessions: { readonly weights: PoolWeights; readonly forward: PoolSession; readonly backward: PoolSession },
  ) {
    this.#pool = pool;
    this.dimension = fields.dimension;
    this.weights = fields.weights;
    this.trainable = fields.trainable;
    this.channelBlock = fields.channelBlock;
    this.#microBatch = microBatch;
    this.#sessions = sessions;
    const { buffer, slices } = shareLayout(
      fields.trainable.map(({ name, shape }) => ({ name: gradientName(name), shape })),
    );
    this.#sum = { flat: new Float32Array(buffer), targets: slices };
  }

  static async create(
    pool: WorkerPool,
    architecture: Architecture,
    canvas: { readonly height: number; readonly width: number },
    initial: Weights,
    { microBatch = 3, isTrainable = () => true, layout = 'fastest' }: GradientEngineOptions = {},
  ): Promise<GradientEngine> {
    const block = layout === 'fastest' ? await channelBlock(pool) : undefined;
    const network = buildTrainingNetwork(architecture, { batch: microBatch, ...canvas }, isTrainable, {
      channelBlock: block,
    });
    const { slices } = shareLayout(network.graph.parameters);
    const shared = new Map<string, WeightTensor>();
    for (const slice of slices) {
      const data = new Float32Array(slice.buffer, slice.offset, elementCount(slice.shape));
      data.set(initial.get(slice.name)!.data);
      shared.set(slice.name, { shape: slice.shape, data });
    }

    const gradients = network.gradients.map((gradient, i): [string, Tensor] => [
      gradientName(network.trainable[i]!.name),
      gradient,
    ]);
    const { prepare, prepared, rest } = hoistParameterWork(network.graph, [network.embedding, ...network.gradients]);
    const weights = await pool.openWeights(
      serialize(prepare, { outputs: Object.fromEntries(prepared.map((tensor) => [tensor.name, tensor])) }),
      slices,
    );
    const open = (outputs: Record<string, Tensor>) =>
      pool.open(serialize(neededFor(rest, Object.values(outputs)), { outputs }), weights);
    const forward = await open({ embedding: network.embedding });
    const backward = await open(Object.fromEntries(gradients));
    return new GradientEngine(
      pool,
      {
        dimension: architecture.embeddingSize,
        weights: shared,
        trainable: network.trainable,
        channelBlock: block,
      },
      microBatch,
      { weights, forward, backward },
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
      const addTo: OrderedSum = { targets: this.#sum.targets, ticket: index, turn };
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

const gradientName = (parameter: string) => `gradient:${parameter}`;

/** Places tensors one behind the other in shared memory. */
function shareLayout(tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]) {
  const buffer = new SharedArrayBuffer(tensors.reduce((sum, { shape }) => sum + elementCount(shape) * 4, 0));
  let offset = 0;
  const slices = tensors.map(({ name, shape }): SharedTensor => {
    const slice = { name, shape, buffer, offset };
    offset += elementCount(shape) * 4;
    return slice;
  });
  return { buffer, slices };
}
