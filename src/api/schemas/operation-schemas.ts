/** What an operation takes and gives. */
import type { z } from 'zod';

export interface OperationSchemas {
  /** Of the path. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Of JSON; a form has its fields by their names. */
  readonly body?: z.ZodObject;
  /** Where the fields of a form do not map to `body` by their names. */
  readonly fromForm?: (fields: FormFields) => unknown;
  /** Its fields then, for the document: one that comes more than once is an array. */
  readonly form?: z.ZodObject;
  /** Of an answer that says yes; 200 unless said. */
  readonly status?: 200 | 201 | 202;
  readonly answer: z.ZodType | FileAnswer;
  /** Whether it takes the header Idempotency-Key: its handler keeps the answer in the transaction of the effect. */
  readonly once?: true;
}

/** The values of each field of a form, in their order. */
export type FormFields = ReadonlyMap<string, readonly (string | Uint8Array)[]>;

/** An answer that is no JSON. */
export interface FileAnswer {
  readonly contentTypes: readonly string[];
  /** What it holds. */
  readonly holds: string;
}

/** @example file('the picture', 'image/png') */
export function file(holds: string, ...contentTypes: readonly string[]): FileAnswer {
  return { contentTypes, holds };
}
