/**
 * Embeddings and gradients of any batch in bounded memory, over the pool (Gao et al. 2021, "GradCache").
 *
 * A loss over a whole batch needs all embeddings, but not all activations: (1) `embed` runs the batch forward only, in
 * micro-batches; (2) the caller computes the loss and dL/d(embedding); (3) `gradient` runs forward and backward micro-
 * batch by micro-batch with those rows as the seed and sums. Micro-batch i always goes to worker i mod W, which adds to
 * its own sum; the workers' sums are added in order. So the result depends on the worker count, never on timing.
 */
import type { InkImage } from '../image/types.js';
import type { Architecture } from '../nn/architecture.js';
import { elementCount } from '../nn/graph.js';
import { buildNetwork, buildTrainingNetwork } from '../nn/network.js';
import { serialize } from '../nn/serialize.js';
import type { Weights, WeightTensor } from '../nn/weights.js';
import { imageBatch } from './image-batch.js';
import type { SharedTensor } from './messages.js';
import type { PoolSession, WorkerPool } from './pool.js';

export interface GradientEngineOptions {
  /** Images a worker runs at once; memory grows with it (`bench/training-step.mjs`). */
  readonly microBatch?: number;
  /** Which parameters get gradients; the others stay as they are. */
  readonly isTrainable?: (parameterName: string) => boolean;
}

export class GradientEngine {
  readonly dimension: number;
  /** Every parameter, in memory that the workers read: change it in place between runs. */
  readonly weights: ReadonlyMap<string, WeightTensor>;
  /** Trainable parameters, in the order of the flat gradient. */
  readonly trainable: readonly { readonly name: string; readonly shape: readonly number[] }[];

  readonly #pool: WorkerPool;
  readonly #microBatch: number;
  readonly #forward: PoolSession;
  readonly #backward: PoolSession;
  /** One flat gradient for each worker. */
  readonly #sums: readonly { readonly flat: Float32Array; readonly slices: readonly SharedTensor[] }[];

  private constructor(fields: {
    pool: WorkerPool;
    dimension: number;
    microBatch: number;
    weights: ReadonlyMap<string, WeightTensor>;
    trainable: GradientEngine['trainable'];
    forward: PoolSession;
    backward: PoolSession;
  }) {
    this.#pool = fields.pool;
    this.dimension = fields.dimension;
    this.#microBatch = fields.microBatch;
    this.weights = fields.weights;
    this.trainable = fields.trainable;
    this.#forward = fields.forward;
    this.#backward = fields.backward;
    this.#sums = Array.from({ length: fields.pool.size }, () => {
      const { buffer, slices } = shareLayout(
        fields.trainable.map(({ name, shape }) => ({ name: gradientName(name), shape })),
      );
      return { flat: new Float32Array(buffer), slices };
    });
  }

  static async create(
    pool: WorkerPool,
    architecture: Architecture,
    canvas: { readonly height: number; readonly width: number },
    weights: Weights,
    { microBatch = 3, isTrainable = () => true }: GradientEngineOptions = {},
  ): Promise<GradientEngine> {
    const network = buildTrainingNetwork(architecture, { batch: microBatch, ...canvas }, isTrainable);
    const { slices } = shareLayout(network.graph.parameters);
    const shared = new Map<string, WeightTensor>();
    for (const slice of slices) {
      const data = new Float32Array(slice.buffer, slice.offset, elementCount(slice.shape));
      data.set(weights.get(slice.name)!.data);
      shared.set(slice.name, { shape: slice.shape, data });
    }
    const inference = buildNetwork(architecture, { batch: microBatch, ...canvas });
    const gradients = network.gradients.map((gradient, i) => [gradientName(network.trainable[i]!.name), gradient]);
    return new GradientEngine({
      pool,
      dimension: architecture.embeddingSize,
      microBatch,
      weights: shared,
      trainable: network.trainable,
      forward: await pool.open(
        serialize(inference.graph, { outputs: { embedding: inference.embedding }, symbolicBatch: true }),
        slices,
      ),
      backward: await pool.open(serialize(network.graph, { outputs: Object.fromEntries(gradients) }), slices),
    });
  }

  /** @returns [N, D] float32, rows of norm 1 */
  async embed(images: readonly InkImage[]): Promise<Float32Array> {
    const out = new Float32Array(images.length * this.dimension);
    await this.#eachMicroBatch(images.length, async (worker, start, end) => {
      const feeds = { image: imageBatch(images.slice(start, end)) };
      const { embedding } = await this.#pool.runOn(worker, this.#forward, { feeds, outputs: ['embedding'] });
      out.set(embedding!.data, start * this.dimension);
    });
    return out;
  }

  /**
   * Sum over the images of dL/d(parameters).
   *
   * @param embeddingGradient - dL/d(embedding), [N, D]
   * @returns flat, in the order of `trainable`; overwritten by the next call
   */
  async gradient(images: readonly InkImage[], embeddingGradient: Float32Array): Promise<Float32Array> {
    const [first, ...others] = this.#sums;
    for (const { flat } of this.#sums) flat.fill(0);
    await this.#eachMicroBatch(images.length, async (worker, start, end) => {
      const seed = new Float32Array(this.#microBatch * this.dimension); // rows past the batch's end stay 0
      seed.set(embeddingGradient.subarray(start * this.dimension, end * this.dimension));
      const feeds = {
        image: imageBatch(images.slice(start, end), this.#microBatch),
        embeddingGradient: { data: seed, shape: [this.#microBatch, this.dimension] },
      };
      await this.#pool.runOn(worker, this.#backward, { feeds, addTo: this.#sums[worker]!.slices });
    });
    for (const { flat } of others) for (let i = 0; i < flat.length; i++) first!.flat[i]! += flat[i]!;
    return first!.flat;
  }

  /** Micro-batch i on worker i mod W; each worker has at most two in hand, so that memory does not grow with the batch. */
  async #eachMicroBatch(
    count: number,
    work: (worker: number, start: number, end: number) => Promise<void>,
  ): Promise<void> {
    const stride = this.#pool.size * this.#microBatch;
    const lane = async (worker: number, from: number) => {
      for (let start = from; start < count; start += 2 * stride) {
        await work(worker, start, Math.min(count, start + this.#microBatch));
      }
    };
    await Promise.all(
      Array.from({ length: this.#pool.size }, async (_, worker) => {
        const start = worker * this.#microBatch;
        await Promise.all([lane(worker, start), lane(worker, start + stride)]);
      }),
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
