import { type ModelMetadata, modelMetadataSchema } from '../nn/model-metadata.js';

/** Of a model that learnt from CEDAR, made up. */
export function madeUpMetadata(training: Partial<ModelMetadata['training']> = {}): ModelMetadata {
  return modelMetadataSchema.parse({
    schema: 'countersign/model@1',
    id: 'mine-0123456789ab',
    architecture: {},
    preprocess: {},
    threshold: { value: 0.75, source: 'equal error rate on 10 validation writers of cedar' },
    similarity: { slope: 18, intercept: -15 },
    training: {
      datasets: ['cedar'],
      developmentWriters: 40,
      validationWriters: 10,
      dataHash: 'da7a',
      seed: 3,
      step: 200,
      loss: 'triplet',
      initialWeights: 'random',
      validationEer: 0.07,
      version: '0.1.0',
      protocols: [],
      ...training,
    },
  });
}
