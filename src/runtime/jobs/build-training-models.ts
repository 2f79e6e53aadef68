import type { Architecture } from '../../nn/architecture.js';
import type { Tensor } from '../../nn/graph.js';
import { buildTrainingNetwork, type InputSize } from '../../nn/network.js';
import { serialize } from '../../nn/serialize.js';
import { hoistParameterWork, neededFor } from '../../nn/subgraph.js';

export interface TrainingModelsRequest {
  readonly architecture: Architecture;
  readonly input: InputSize;
  /** Names of the parameters that get gradients. */
  readonly trainable: readonly string[];
  readonly channelBlock: number | undefined;
}

/** ONNX models. */
export interface TrainingModels {
  /** From parameters to what the other two read of them. */
  readonly prepare: Uint8Array;
  /** `image` -> `embedding`. */
  readonly forward: Uint8Array;
  /** `image`, `embeddingGradient` -> `gradient:` and the name, for each trainable parameter. */
  readonly backward: Uint8Array;
}

export const gradientName = (parameter: string) => `gradient:${parameter}`;

/** Runs in a worker: a thousand nodes and their gradients. */
export default function buildTrainingModels(request: TrainingModelsRequest): TrainingModels {
  const { architecture, input, channelBlock } = request;
  const trainable = new Set(request.trainable);
  const network = buildTrainingNetwork(architecture, input, (name) => trainable.has(name), { channelBlock });
  const gradients = network.gradients.map((gradient, i): [string, Tensor] => [
    gradientName(network.trainable[i]!.name),
    gradient,
  ]);
  const { prepare, prepared, rest } = hoistParameterWork(network.graph, [network.embedding, ...network.gradients]);
  const model = (outputs: Record<string, Tensor>) => serialize(neededFor(rest, Object.values(outputs)), { outputs });
  return {
    prepare: serialize(prepare, { outputs: Object.fromEntries(prepared.map((tensor) => [tensor.name, tensor])) }),
    forward: model({ embedding: network.embedding }),
    backward: model(Object.fromEntries(gradients)),
  };
}
