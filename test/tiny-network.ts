/** The smallest network that does everything the real one does: milliseconds a step, random weights. */
import { writeFileSync } from 'node:fs';
import { Rng } from '../src/core/rng.js';
import type { Architecture } from '../src/nn/architecture.js';
import { encodeModel } from '../src/nn/model-file.js';
import type { ModelMetadata } from '../src/nn/model-metadata.js';
import { encodeSafetensors } from '../src/nn/safetensors.js';
import { randomWeights } from '../src/nn/weights.js';
import { trainConfigSchema } from '../src/train/config.js';

export const tinyConfig = trainConfigSchema.parse({
  architecture: { widthMultiplier: 0.1, embeddingSize: 16 },
  preprocess: { canvas: { height: 64, width: 96 } },
  steps: 4,
  identities: 3,
  genuine: 2,
  forged: 2,
  warmupSteps: 2,
  validationWriters: 2,
  validateEvery: 2,
  checkpointEvery: 2,
  workers: 1,
});

/** `tinyConfig` as flags of `countersign train`. */
export const TINY_FLAGS: readonly string[] = [
  ...['--architecture-width-multiplier', '0.1', '--architecture-embedding-size', '16'],
  ...['--preprocess-canvas-height', '64', '--preprocess-canvas-width', '96'],
  ...['--steps', '4', '--identities', '3', '--genuine', '2', '--forged', '2', '--warmup-steps', '2'],
  ...['--validation-writers', '2', '--validate-every', '2', '--checkpoint-every', '2', '--workers', '1'],
];

const weights = randomWeights(tinyConfig.architecture, new Rng(1));
const { embeddingSize } = tinyConfig.architecture;
const slopes = new Rng('radius');
const radiusWeights = [
  [
    'head.radius.weight',
    { shape: [embeddingSize], data: new Float32Array(embeddingSize).map(() => slopes.normal(0, 0.2)) },
  ],
  ['head.radius.bias', { shape: [1], data: Float32Array.of(0.1) }],
] as const;

export function writeTinyWeights(path: string): void {
  writeFileSync(path, encodeSafetensors(weights));
}

/** @param training - what the model says it was trained on */
export function writeTinyModel(
  path: string,
  threshold: number,
  training: Partial<ModelMetadata['training']> = {},
  {
    views = 1,
    canvas = tinyConfig.preprocess.canvas,
    radius = false,
    enlargement = 1,
    columns = 'canvas',
  }: Partial<
    Pick<ModelMetadata, 'views'> &
      Pick<ModelMetadata['preprocess'], 'canvas'> &
      Pick<Architecture, 'radius' | 'enlargement' | 'columns'>
  > = {},
): void {
  const architecture = { ...tinyConfig.architecture, radius, enlargement, columns };
  const preprocess = { ...tinyConfig.preprocess, canvas };
  const metadata: Parameters<typeof encodeModel>[1] = {
    architecture,
    preprocess,
    views,
    threshold: { value: threshold, source: 'set by a test' },
    similarity: { slope: 10, intercept: -1 },
    training: {
      datasets: [],
      developmentWriters: 0,
      validationWriters: 0,
      dataHash: '',
      seed: 1,
      step: 0,
      loss: 'triplet',
      initialWeights: 'random',
      validationEer: 0.5,
      version: '0',
      protocols: [],
      ancestry: [],
      ...training,
    },
  };
  writeFileSync(path, encodeModel(radius ? new Map([...weights, ...radiusWeights]) : weights, metadata, 'tiny'));
}
