import { elementCount } from '../nn/graph.js';
import type { Weights } from '../nn/weights.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { AdamWOptions, AdamWStretch } from './jobs/adamw-step.js';

const adamWStep = defineJob<typeof import('./jobs/adamw-step.js').default>(import.meta.url, './jobs/adamw-step.js');

export interface OptimizerOptions extends AdamWOptions {
  /** Of weights; biases are not decayed. */
  readonly weightDecay: number;
  /** Largest Euclidean norm of a gradient. */
  readonly clipNorm: number;
}

export interface StepRates {
  /** Counted from 1. */
  readonly step: number;
  /** For a parameter by name. */
  readonly learningRate: (name: string) => number;
  readonly averageDecay: number;
}

/** AdamW (see jobs/adamw-step.ts) with clipping and a moving average, every worker on its share of the parameters. */
export class Optimizer {
  /** Flat, in the order of `trainable`. */
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly #pool: WorkerPool;
  readonly #options: OptimizerOptions;
  readonly #tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly #weights: Weights;
  readonly #average: Weights;

  /**
   * @param weights - in shared memory, changed in place
   * @param average - of the weights, likewise
   */
  constructor(
    pool: WorkerPool,
    trainable: readonly { readonly name: string; readonly shape: readonly number[] }[],
    weights: Weights,
    average: Weights,
    options: OptimizerOptions,
  ) {
    this.#pool = pool;
    this.#options = options;
    this.#tensors = trainable;
    this.#weights = weights;
    this.#average = average;
    const size = trainable.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    this.firstMoment = sharedFloats(size);
    this.secondMoment = sharedFloats(size);
  }

  /**
   * @param gradient - flat, in the order of `trainable`, in shared memory
   * @param norm - its Euclidean norm
   */
  async step(gradient: Float32Array, norm: number, { step, learningRate, averageDecay }: StepRates): Promise<void> {
    const { clipNorm } = this.#options;
    const gradientScale = norm > clipNorm ? clipNorm / norm : 1;
    const share = Math.ceil(gradient.length / this.#pool.size);
    await Promise.all(
      Array.from({ length: this.#pool.size }, (_, k) =>
        this.#pool.call(adamWStep, {
          stretches: this.#stretches(gradient, learningRate, k * share, (k + 1) * share),
          options: this.#options,
          step,
          gradientScale,
          averageDecay,
        }),
      ),
    );
  }

  /** What lies between two places of the flat gradient. */
  #stretches(
    gradient: Float32Array,
    learningRate: StepRates['learningRate'],
    from: number,
    to: number,
  ): AdamWStretch[] {
    const stretches: AdamWStretch[] = [];
    let offset = 0;
    for (const { name, shape } of this.#tensors) {
      const size = elementCount(shape);
      const [start, end] = [Math.max(from, offset), Math.min(to, offset + size)];
      if (start < end) {
        stretches.push({
          weights: this.#weights.get(name)!.data.subarray(start - offset, end - offset),
          average: this.#average.get(name)!.data.subarray(start - offset, end - offset),
          firstMoment: this.firstMoment.subarray(start, end),
          secondMoment: this.secondMoment.subarray(start, end),
          gradient: gradient.subarray(start, end),
          learningRate: learningRate(name),
          weightDecay: shape.length > 1 ? this.#options.weightDecay : 0,
        });
      }
      offset += size;
    }
    return stretches;
  }
}

/** Zeros that workers can change. */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/** Euclidean norm. */
export function norm(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return Math.sqrt(sum);
}

/** Learning rate as a share of its peak: linear warm-up, then half a cosine down to 0 at the last step. */
export function warmupCosine(step: number, warmupSteps: number, totalSteps: number): number {
  if (step <= warmupSteps) return step / warmupSteps;
  return 0.5 * (1 + Math.cos((Math.PI * (step - warmupSteps)) / Math.max(1, totalSteps - warmupSteps)));
}
