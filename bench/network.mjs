// The network that the benches run: our default architecture with random weights, on random images.
import { Rng } from '../dist/core/rng.js';
import { architectureSchema } from '../dist/nn/architecture.js';
import { buildNetwork } from '../dist/nn/network.js';
import { randomWeights } from '../dist/nn/weights.js';
import { GradientEngine } from '../dist/runtime/gradient-engine.js';

export const SIZE = 224;
export const architecture = architectureSchema.parse({});

export function weights() {
  return randomWeights(architecture, new Rng(1));
}

export function images(count, height = SIZE, width = SIZE) {
  const rng = new Rng(2);
  const data = () => Uint8Array.from({ length: height * width }, () => rng.int(256));
  return Array.from({ length: count }, () => ({ width, height, data: data() }));
}

/** @returns dL/d(embedding), [count, D] */
export function embeddingGradient(count) {
  const rng = new Rng(3);
  return Float32Array.from({ length: count * architecture.embeddingSize }, () => rng.normal(0, 0.01));
}

export function openEngine(pool, options = {}) {
  return GradientEngine.create(pool, architecture, { height: SIZE, width: SIZE }, weights(), options);
}

/** Multiplications and additions of a forward pass over one image. */
export function forwardFlop(height = SIZE, width = SIZE) {
  const { graph } = buildNetwork(architecture, { batch: 1, height, width });
  const count = (shape) => shape.reduce((product, size) => product * size, 1);
  let flop = 0;
  for (const {
    op,
    inputs,
    outputs: [output],
  } of graph.nodes) {
    if (op === 'Conv') flop += 2 * count(output.shape) * count(inputs[1].shape.slice(1));
    if (op === 'Gemm') flop += 2 * count(inputs[1].shape);
  }
  return flop;
}
