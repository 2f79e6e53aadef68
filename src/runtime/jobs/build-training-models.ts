import type { Architecture } from '../../nn/architecture.js';
import { batchNormStatistics } from '../../nn/batch-norm-folding.js';
import { joined, takeFlatParameters } from '../../nn/flat-parameters.js';
import type { BatchNorm, Tensor } from '../../nn/graph.js';
import { buildTrainingNetwork, type InputSize } from '../../nn/network.js';
import { serialize } from '../../nn/serialize.js';
import { hoistParameterWork, neededFor } from '../../nn/subgraph.js';

export interface TrainingModelsRequest {
  readonly architecture: Architecture;
  readonly input: InputSize;
  /** Names of the parameters that get gradients. */
  readonly trainable: readonly string[];
  readonly channelBlock: number | undefined;
  readonly batchNorm: BatchNorm;
  /** Whether parameters and gradients are one tensor each (see nn/flat-parameters.ts). */
  readonly flat: boolean;
}

/** ONNX models. */
export interface TrainingModels {
  /** From parameters to what the other two read of them; absent when they read them as they are. */
  readonly prepare: Uint8Array | undefined;
  /** `image` -> `features`, `embedding` and `statistics`. */
  readonly forward: Uint8Array;
  /** Names of the outputs that tell the statistics of trained batch norm. */
  readonly statistics: readonly string[];
  /**
   * `image`, `embeddingGradient` -> `gradient:` and the name, for each trainable parameter, or `gradient`, all of them;
   * absent when there is none.
   */
  readonly backward: Uint8Array | undefined;
}

const gradientName = (parameter: string) => `gradient:${parameter}`;

/** Runs in a worker: a thousand nodes and their gradients. */
export default function buildTrainingModels(request: TrainingModelsRequest): TrainingModels {
  const { architecture, input, channelBlock, batchNorm, flat } = request;
  const trainable = new Set(request.trainable);
  const network = buildTrainingNetwork(architecture, input, (name) => trainable.has(name), { channelBlock, batchNorm });
  const statistics = batchNormStatistics(network.graph);
  const named = network.gradients.map((gradient, i): [string, Tensor] => [
    gradientName(network.trainable[i]!.name),
    gradient,
  ]);
  const asOne = (): [string, Tensor][] => [['gradient', joined(network.graph, network.gradients)]];
  const gradients = Object.fromEntries(flat && named.length > 0 ? asOne() : named);
  if (flat) takeFlatParameters(network.graph);
  const { prepare, prepared, rest } = hoistParameterWork(network.graph, [
    network.embedding,
    ...Object.values(statistics),
    ...Object.values(gradients),
  ]);
  const model = (outputs: Record<string, Tensor>) => serialize(neededFor(rest, Object.values(outputs)), { outputs });
  return {
    prepare:
      prepared.length > 0
        ? serialize(prepare, { outputs: Object.fromEntries(prepared.map((tensor) => [tensor.name, tensor])) })
        : undefined,
    forward: model({ features: network.features, embedding: network.embedding, ...statistics }),
    statistics: Object.keys(statistics),
    backward: Object.keys(gradients).length > 0 ? model(gradients) : undefined,
  };
}
