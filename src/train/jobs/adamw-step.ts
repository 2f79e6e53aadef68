/**
 * AdamW: Adam with weight decay taken off the weights directly, not through the gradient.
 *
 *     m = b1 m + (1 - b1) g        v = b2 v + (1 - b2) g^2
 *     w = w - lr ( (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps) + decay w )
 *
 * and a moving average of the weights, a = d a + (1 - d) w.
 *
 * @see Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization, algorithm 2
 */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** A stretch of one parameter. */
export interface AdamWStretch {
  /** Where it begins in `weights` and `average`. */
  readonly at: number;
  /** Where it begins in `gradient` and the moments. */
  readonly gradientAt: number;
  readonly length: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Flat arrays in shared memory; all but the gradient are changed in place. */
export interface AdamWMemory {
  readonly weights: Float32Array;
  readonly average: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly gradient: Float32Array;
}

export interface AdamWStep {
  readonly memory: AdamWMemory;
  readonly stretches: readonly AdamWStretch[];
  readonly options: AdamWOptions;
  /** t, counted from 1. */
  readonly step: number;
  /** The gradient is multiplied by it. */
  readonly gradientScale: number;
  /** d. */
  readonly averageDecay: number;
}

/** Runs in a worker. */
export default function adamWStep(request: AdamWStep): void {
  const { memory, stretches, step, gradientScale, averageDecay } = request;
  const { beta1, beta2, epsilon } = request.options;
  const { weights, average, firstMoment, secondMoment, gradient } = memory;
  const firstCorrection = 1 / (1 - beta1 ** step);
  const secondCorrection = 1 / (1 - beta2 ** step);
  for (const { at, gradientAt, length, learningRate, weightDecay } of stretches) {
    for (let i = at, j = gradientAt; j < gradientAt + length; i++, j++) {
      const g = gradient[j]! * gradientScale;
      const m = beta1 * firstMoment[j]! + (1 - beta1) * g;
      const v = beta2 * secondMoment[j]! + (1 - beta2) * g * g;
      firstMoment[j] = m;
      secondMoment[j] = v;
      const update = (m * firstCorrection) / (Math.sqrt(v * secondCorrection) + epsilon);
      const w = weights[i]! - learningRate * (update + weightDecay * weights[i]!);
      weights[i] = w;
      average[i] = averageDecay * average[i]! + (1 - averageDecay) * w;
    }
  }
}
