/** Countersign as a library: verify signatures, train, evaluate. */
export { CountersignError, ERROR_CATALOGUE, type ErrorCode } from './core/errors.js';
export type { Dataset, Sample } from './data/dataset.js';
export { findDuplicates } from './data/duplicates.js';
export { openDataset } from './data/open-dataset.js';
export { synthesizeDataset } from './data/synthetic/synthesize-dataset.js';
export { type AuditOptions, type AuditReport, runAudit } from './evaluate/audit-run.js';
export { type CalibrationRunOptions, runCalibration } from './evaluate/calibrate-run.js';
export { type JudgeScoresOptions, judgeScores } from './evaluate/judge-scores.js';
export { evidenceFor, type OperatingPoint, operatingPoint, type Target } from './evaluate/operating-points.js';
export { type PromiseRunOptions, runPromise } from './evaluate/promise-run.js';
export type { EvaluationReport } from './evaluate/report.js';
export { type EvaluationRunOptions, runEvaluation } from './evaluate/run.js';
export { type PreprocessOptions, preprocessOptionsSchema } from './image/options.js';
export { preprocess } from './image/preprocess.js';
export type { ImageQuality } from './image/quality.js';
export type { ModelMetadata } from './nn/model-metadata.js';
export { openForeignEmbedder } from './runtime/foreign-embedder.js';
export {
  type EmbedderOptions,
  type FileEmbedding,
  type ModelEmbedder,
  openEmbedder,
} from './runtime/model-embedder.js';
export type { Embedder, ImageSource } from './runtime/types.js';
export { type TrainConfig, trainConfigSchema } from './train/config.js';
export { runTraining, type TrainingRunOptions } from './train/run.js';
export { distance } from './verify/comparison.js';
export type { VerificationResult } from './verify/result.js';
export type { OperatingPointTarget } from './verify/thresholds.js';
export {
  createVerifier,
  DEFAULT_MODEL,
  type Verifier,
  type VerifierOptions,
} from './verify/verifier.js';
