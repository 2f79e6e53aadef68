import type { Architecture } from '../../nn/architecture.js';
import { convolutionStatistics } from '../../nn/batch-norm-folding.js';
import { buildNetwork, type InputSize } from '../../nn/network.js';
import { serialize } from '../../nn/serialize.js';
import { valuesOf, type Weights } from '../../nn/weights.js';

export interface StatisticsModelRequest {
  readonly architecture: Architecture;
  readonly input: InputSize;
  /** Folded. */
  readonly weights: Weights;
}

/** Runs in a worker. @returns an ONNX model, `image` -> statistics of every convolution, and the names of these */
export default function buildStatisticsModel({ architecture, input, weights }: StatisticsModelRequest): {
  readonly model: Uint8Array;
  readonly outputs: readonly string[];
} {
  const { graph } = buildNetwork(architecture, input);
  const outputs = convolutionStatistics(graph);
  const values = valuesOf(weights);
  return { model: serialize(graph, { outputs, weights: values }), outputs: Object.keys(outputs) };
}
