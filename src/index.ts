/** Countersign as a library: verify signatures, enrol writers and decide, train, evaluate. */
export { CountersignError, ERROR_CATALOGUE, type ErrorCode } from './core/errors.js';
export type { Dataset, Sample } from './data/dataset.js';
export { findDuplicates } from './data/duplicates.js';
export { openDataset } from './data/open-dataset.js';
export { synthesizeDataset } from './data/synthetic/synthesize-dataset.js';
export { createDecider, type Decider, type DeciderOptions } from './decide/decide.js';
export { type Candidate, type Identification, type IdentifyOptions, identify } from './decide/identify.js';
export type { DocumentDecision, Question, QuestionedSignature, SignatureDecision } from './decide/question.js';
export { addToWriter, type EnrolOptions, enrolWriter } from './enrol/enrol-writer.js';
export type { ReferenceSource } from './enrol/prepare-references.js';
export { type WriterConsistency, writerConsistency } from './enrol/writer-consistency.js';
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
export { createEmbedders, type Embedders } from './jobs/embedders.js';
export { type JobRequest, type Jobs, type JobsOptions, openJobs } from './jobs/jobs.js';
export { type ResultFormat, resultLines } from './jobs/result-lines.js';
export type { ModelMetadata } from './nn/model-metadata.js';
export { type Policy, parsePolicy, policySchema } from './policy/document.js';
export { openForeignEmbedder } from './runtime/foreign-embedder.js';
export {
  type EmbedderOptions,
  type FileEmbedding,
  type ModelEmbedder,
  openEmbedder,
} from './runtime/model-embedder.js';
export type { Embedder, ImageSource } from './runtime/types.js';
export { type AuditRow, type AuditVerification, verifyAuditLog } from './store/audit-log.js';
export { type AuditFilter, listAudit } from './store/audit-rows.js';
export { backup } from './store/backup.js';
export type { NewBulkItem } from './store/bulk-items.js';
export type { BulkJob } from './store/bulk-progress.js';
export type { BulkResult } from './store/bulk-results.js';
export { changeEnrolmentSettings, type SettingsChange } from './store/change-settings.js';
export { changeExpiry, confirmReference, type ReferenceChange, retireReference } from './store/change-writer.js';
export type { EnrolledReference, EnrolmentOutcome, NewWriter } from './store/enrol.js';
export { type ErasureReport, eraseWriters } from './store/erase.js';
export { type ExportedDocument, exportWriter, exportWriterDocument } from './store/export-writer.js';
export { findDecision, listDecisions, type PastDecision } from './store/list-decisions.js';
export {
  type ListedWriter,
  listWriters,
  type ShownWriter,
  showWriter,
  type WriterFilter,
} from './store/list-writers.js';
export { resolveLocation, type StoreLocation } from './store/location.js';
export type { Page, PageRequest } from './store/page.js';
export { activatePolicy, addPolicy, listPolicies, type PolicyFilter, type PolicyVersion } from './store/policies.js';
export { type OpenedImage, readCaseImage, readReferenceImage } from './store/read-image.js';
export { type CaseFilter, findCase, listCases, type ReviewCase, type Verdict } from './store/review-cases.js';
export { claimCase, decideCase, releaseCase } from './store/review-queue.js';
export { readEnrolmentSettings } from './store/settings.js';
export { type Period, readStatistics, type Statistics } from './store/statistics.js';
export { openStore, type Store } from './store/store.js';
export { type TrainConfig, trainConfigSchema } from './train/config.js';
export { inheritedConfig } from './train/inherited-config.js';
export { runTraining, type TrainingRunOptions } from './train/run.js';
export { distance } from './verify/comparison.js';
export type { EnrolmentSettings } from './verify/enrolment-settings.js';
export { PACKAGE_MODELS } from './verify/package-models.js';
export type { VerificationResult } from './verify/result.js';
export type { OperatingPointTarget } from './verify/thresholds.js';
export {
  createVerifier,
  type Verifier,
  type VerifierOptions,
} from './verify/verifier.js';
