/** What each operation takes and gives: by its name in `operations.ts`. */
import type { z } from 'zod';
import type { OperationName } from './operations.js';
import { administrationSchemas } from './schemas/administration.js';
import { auditSchemas } from './schemas/audit.js';
import { compareSchemas } from './schemas/compare.js';
import { decisionSchemas } from './schemas/decisions.js';
import { evidenceSchemas } from './schemas/evidence.js';
import { jobSchemas } from './schemas/jobs.js';
import type { FileAnswer, OperationSchemas } from './schemas/operation-schemas.js';
import { policySchemas } from './schemas/policies.js';
import { reviewSchemas } from './schemas/review.js';
import { serviceSchemas } from './schemas/service.js';
import { statisticsSchemas } from './schemas/statistics.js';
import { writerSchemas } from './schemas/writers.js';

export const SCHEMAS = {
  ...serviceSchemas,
  ...compareSchemas,
  ...evidenceSchemas,
  ...administrationSchemas,
  ...writerSchemas,
  ...decisionSchemas,
  ...policySchemas,
  ...reviewSchemas,
  ...auditSchemas,
  ...statisticsSchemas,
  ...jobSchemas,
} as const satisfies Record<OperationName, OperationSchemas>;

type Schemas = typeof SCHEMAS;

type Part<Name extends OperationName, Key extends string> = Schemas[Name] extends { readonly [K in Key]: infer S }
  ? S
  : never;
type Output<S> = [S] extends [never] ? undefined : S extends z.ZodType ? z.output<S> : undefined;
type Input<S> = [S] extends [never] ? undefined : S extends z.ZodType ? Given<z.input<S>, z.output<S>> : undefined;
/** What may be left out is as it comes in; a value that is read from text is given as what it says. */
type Given<In, Out> = {
  [Key in keyof In]: unknown extends In[Key] ? (Key extends keyof Out ? Out[Key] : never) : In[Key];
};

/** As a handler gets them: checked, with defaults. */
export type ParamsOf<Name extends OperationName> = Output<Part<Name, 'params'>>;
export type QueryOf<Name extends OperationName> = Output<Part<Name, 'query'>>;
export type BodyOf<Name extends OperationName> = Output<Part<Name, 'body'>>;

/** As a caller gives them. */
export type ParamsInput<Name extends OperationName> = Input<Part<Name, 'params'>>;
export type QueryInput<Name extends OperationName> = Input<Part<Name, 'query'>>;
export type BodyInput<Name extends OperationName> = Input<Part<Name, 'body'>>;

/** As a caller gets it; a file as bytes. */
export type AnswerOf<Name extends OperationName> = Schemas[Name]['answer'] extends z.ZodType
  ? z.output<Schemas[Name]['answer']>
  : Blob;

/** As a handler gives it: instants as dates, and nothing that is only text on its way. */
export type AnswerFrom<Name extends OperationName> = Schemas[Name]['answer'] extends FileAnswer
  ? AnsweredFile
  : BeforeJson<AnswerOf<Name>>;

export interface AnsweredFile {
  readonly contentType: string;
  readonly content: Uint8Array | string | ReadableStream<Uint8Array>;
  /** Where it is to be saved rather than shown. */
  readonly fileName?: string;
}

type BeforeJson<T> = T extends string
  ? T | (string extends T ? Date : never)
  : T extends readonly (infer Item)[]
    ? readonly BeforeJson<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: BeforeJson<T[Key]> }
      : T;
