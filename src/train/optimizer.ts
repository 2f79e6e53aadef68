import { defineJob, type WorkerPool } from '../runtime/pool.js';
import { type SharedWeights, sharedFloats } from '../runtime/shared-weights.js';
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
  readonly #weights: SharedWeights;
  readonly #average: SharedWeights;
  /** Trainable parameters, where they begin in the weights, and their lengths. */
  readonly #tensors: readonly {
    readonly name: string;
    readonly at: number;
    readonly length: number;
    readonly isBias: boolean;
  }[];

  /**
   * @param weights - changed in place
   * @param average - of the weights, of the same layout, likewise
   */
  constructor(
    pool: WorkerPool,
    trainable: readonly { readonly name: string; readonly shape: readonly number[] }[],
    weights: SharedWeights,
    average: SharedWeights,
    options: OptimizerOptions,
  ) {
    this.#pool = pool;
    this.#options = options;
    this.#weights = weights;
    this.#average = average;
    this.#tensors = trainable.map(({ name, shape }) => {
      const { data } = weights.tensors.get(name)!;
      return { name, at: data.byteOffset / data.BYTES_PER_ELEMENT, length: data.length, isBias: shape.length === 1 };
    });
    const size = this.#tensors.reduce((sum, { length }) => sum + length, 0);
    this.firstMoment = sharedFloats(size);
    this.secondMoment = sharedFloats(size);
  }

  /**
   * @param gradient - flat, in the order of `trainable`, in shared memory
   * @param norm - its Euclidean norm
   */
  async step(gradient: Float32Array, norm: number, { step, learningRate, averageDecay }: StepRates): Promise<void> {
    const { clipNorm, beta1, beta2, epsilon } = this.#options;
    const { firstMoment, secondMoment } = this;
    const memory = {
      weights: this.#weights.flat,
      average: this.#average.flat,
      firstMoment,
      secondMoment,
      gradient,
    };
    const gradientScale = norm > clipNorm ? clipNorm / norm : 1;
    const share = Math.ceil(gradient.length / this.#pool.size);
    await Promise.all(
      Array.from({ length: this.#pool.size }, (_, k) =>
        this.#pool.call(adamWStep, {
          memory,
          stretches: this.#stretches(learningRate, k * share, (k + 1) * share),
          options: { beta1, beta2, epsilon },
          step,
          gradientScale,
          averageDecay,
        }),
      ),
    );
  }

  /** What lies between two places of the flat gradient. */
  #stretches(learningRate: StepRates['learningRate'], from: number, to: number): AdamWStretch[] {
    const stretches: AdamWStretch[] = [];
    let offset = 0;
    for (const { name, at, length, isBias } of this.#tensors) {
      const [start, end] = [Math.max(from, offset), Math.min(to, offset + length)];
      if (start < end) {
        stretches.push({
          at: at + start - offset,
          gradientAt: start,
          length: end - start,
          learningRate: learningRate(name),
          weightDecay: isBias ? 0 : this.#options.weightDecay,
        });
      }
      offset += length;
    }
    return stretches;
  }
}

/** Learning rate as a share of its peak: linear warm-up, then half a cosine down to 0 at the last step. */
export function warmupCosine(step: number, warmupSteps: number, totalSteps: number): number {
  if (step <= warmupSteps) return step / warmupSteps;
  return 0.5 * (1 + Math.cos((Math.PI * (step - warmupSteps)) / Math.max(1, totalSteps - warmupSteps)));
}
