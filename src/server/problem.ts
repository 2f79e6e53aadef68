/** Errors as RFC 9457 writes them, from the one catalogue. */
import type { z } from 'zod';
import type { problemDocument } from '../api/schemas/common.js';
import { CountersignError } from '../core/errors.js';

export type ProblemDocument = z.output<typeof problemDocument>;

export const PROBLEM_TYPE = 'application/problem+json';

/** Seconds after which a client may ask again, unless the error says otherwise. */
const RETRY_AFTER: Readonly<Record<number, number>> = { 429: 10, 503: 1 };

/** What is no error of ours is a defect. */
export function asCountersignError(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  return new CountersignError('UNEXPECTED', 'The service failed.', { cause: error });
}

/** Refused for the moment, and nothing is broken. */
const MEANT: ReadonlySet<string> = new Set(['OVERLOADED', 'TIMED_OUT', 'CLOSING']);

/** Whether something inside failed: the log has what and why, and the answer has not, for it may name files and addresses. */
export function failedInside({ status, code }: CountersignError): boolean {
  return status >= 500 && !MEANT.has(code);
}

export function problemOf(error: CountersignError, requestId: string): ProblemDocument {
  const { code, status, serviceHint: hint, details } = error;
  return {
    type: `/docs/errors#${code}`,
    title: titleOf(code),
    status,
    detail: failedInside(error) ? 'The service failed; its log says why, under the request id.' : error.message,
    code,
    hint,
    ...(!failedInside(error) && Object.keys(details).length > 0 && { details }),
    requestId,
  };
}

export function problemResponse(error: CountersignError, requestId: string): Response {
  const { status, details } = error;
  const retryAfter = details.retryAfterS ?? RETRY_AFTER[status];
  const headers = {
    'content-type': PROBLEM_TYPE,
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(error.code === 'REQUEST_TOO_LARGE' && { connection: 'close' }), // the rest of the body is not wanted
  };
  return new Response(JSON.stringify(problemOf(error, requestId)), { status, headers });
}

/** IMAGE_TOO_MANY_BYTES -> `Image too many bytes`. */
export function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
