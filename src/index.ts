/** Countersign as a library: verify signatures, train, evaluate. */
export { CountersignError, ERROR_CATALOGUE, type ErrorCode } from './core/errors.js';
export { openDataset } from './data/open-dataset.js';
export type { Dataset, Sample } from './data/dataset.js';
export { synthesizeDataset } from './data/synthetic/synthesize-dataset.js';
export { type ImageQuality } from './image/quality.js';
export { preprocessOptionsSchema, type PreprocessOptions } from './image/options.js';
export { preprocess } from './image/preprocess.js';
export type { ModelMetadata } from './nn/model-file.js';
export { openEmbedder } from './runtime/model-embedder.js';
export { trainConfigSchema, type TrainConfig } from './train/config.js';
export { runTraining, type TrainingRunOptions } from './train/run.js';
export { createVerifier, distance, DEFAULT_MODEL, type Verifier, type VerifierOptions } from './verify/verifier.js';
export type { VerificationResult } from './verify/result.js';
