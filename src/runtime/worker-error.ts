/** Errors across threads: a structured clone keeps no class and no code. */
import { CountersignError, type ErrorCode } from '../core/errors.js';

export interface WorkerError {
  readonly message: string;
  /** Of a CountersignError. */
  readonly code?: ErrorCode;
  readonly details?: Readonly<Record<string, unknown>>;
}

export function describeError(error: unknown): WorkerError {
  if (error instanceof CountersignError) return { message: error.message, code: error.code, details: error.details };
  return { message: error instanceof Error ? error.message : String(error) };
}

/** An error without a code is one of the runtime or of ours: WORKER_FAILED. */
export function restoreError({ message, code, details }: WorkerError): CountersignError {
  if (code === undefined) return new CountersignError('WORKER_FAILED', `A worker failed: ${message}`);
  return new CountersignError(code, message, { ...(details && { details }) });
}
