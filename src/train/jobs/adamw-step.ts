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

/** A stretch of one parameter; all arrays have its length, and all but the gradient are changed in place. */
export interface AdamWStretch {
  readonly weights: Float32Array;
  readonly average: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly gradient: Float32Array;
  readonly learningRate: number;
  readonly weightDecay: number;
}

export interface AdamWStep {
  readonly stretches: readonly AdamWStretch[];
  readonly options: AdamWOptions;
  /** t, counted from 1. */
  readonly step: number;
  /** The gradient is multiplied by it. */
  readonly gradientScale: number;
  /** d. */
  readonly averageDecay: number;
}

/** Runs in a worker, on arrays in shared memory. */
export default function adamWStep({ stretches, options, step, gradientScale, averageDecay }: AdamWStep): void {
  const { beta1, beta2, epsilon } = options;
  const firstCorrection = 1 / (1 - beta1 ** step);
  const secondCorrection = 1 / (1 - beta2 ** step);
  for (const { weights, average, firstMoment, secondMoment, gradient, learningRate, weightDecay } of stretches) {
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i]! * gradientScale;
      const m = beta1 * firstMoment[i]! + (1 - beta1) * g;
      const v = beta2 * secondMoment[i]! + (1 - beta2) * g * g;
      firstMoment[i] = m;
      secondMoment[i] = v;
      const update = (m * firstCorrection) / (Math.sqrt(v * secondCorrection) + epsilon);
      const w = weights[i]! - learningRate * (update + weightDecay * weights[i]!);
      weights[i] = w;
      average[i] = averageDecay * average[i]! + (1 - averageDecay) * w;
    }
  }
}
