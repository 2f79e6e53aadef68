/**
 * AdamW: Adam with weight decay taken off the weights directly, not through the gradient.
 *
 *     m = b1 m + (1 - b1) g        v = b2 v + (1 - b2) g^2
 *     w = w - lr ( (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps) + decay w )
 *
 * Biases are not decayed.
 *
 * @see Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization, algorithm 2
 */
export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export interface OptimizedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Changed in place. */
  readonly data: Float32Array;
}

export class AdamW {
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly #tensors: readonly OptimizedTensor[];
  readonly #options: AdamWOptions;

  constructor(tensors: readonly OptimizedTensor[], options: AdamWOptions) {
    const size = tensors.reduce((sum, { data }) => sum + data.length, 0);
    this.#tensors = tensors;
    this.#options = options;
    this.firstMoment = new Float32Array(size);
    this.secondMoment = new Float32Array(size);
  }

  /**
   * @param gradient - flat, in the order of the tensors
   * @param step - counted from 1
   * @param learningRate - for a tensor by name
   */
  step(gradient: Float32Array, step: number, learningRate: (name: string) => number): void {
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    const m = this.firstMoment;
    const v = this.secondMoment;
    const firstCorrection = 1 / (1 - beta1 ** step);
    const secondCorrection = 1 / (1 - beta2 ** step);
    let offset = 0;
    for (const { name, shape, data } of this.#tensors) {
      const rate = learningRate(name);
      const decay = shape.length > 1 ? weightDecay : 0;
      for (let i = 0; i < data.length; i++) {
        const j = offset + i;
        const g = gradient[j]!;
        m[j] = beta1 * m[j]! + (1 - beta1) * g;
        v[j] = beta2 * v[j]! + (1 - beta2) * g * g;
        const update = (m[j]! * firstCorrection) / (Math.sqrt(v[j]! * secondCorrection) + epsilon);
        data[i]! -= rate * (update + decay * data[i]!);
      }
      offset += data.length;
    }
  }
}

/** Scales the gradient down to `maxNorm` where its Euclidean norm is larger; returns the norm before. */
export function clipNorm(gradient: Float32Array, maxNorm: number): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += gradient[i]! * gradient[i]!;
  const norm = Math.sqrt(sum);
  if (norm > maxNorm) for (let i = 0; i < gradient.length; i++) gradient[i]! *= maxNorm / norm;
  return norm;
}

/** Learning rate as a share of its peak: linear warm-up, then half a cosine down to 0 at the last step. */
export function warmupCosine(step: number, warmupSteps: number, totalSteps: number): number {
  if (step <= warmupSteps) return step / warmupSteps;
  return 0.5 * (1 + Math.cos((Math.PI * (step - warmupSteps)) / Math.max(1, totalSteps - warmupSteps)));
}
