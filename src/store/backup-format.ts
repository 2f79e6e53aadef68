/**
 * A backup: JSON lines, compressed with gzip. First the header, then each row as the database writes it in JSON, with
 * its table; last the number of rows and the SHA-256 of all lines before. The same from either database, so it goes
 * back into either.
 */
import { z } from 'zod';

export const BACKUP_FORMAT = 1;

export const backupHeaderSchema = z.strictObject({
  format: z.literal('countersign-backup'),
  version: z.literal(BACKUP_FORMAT),
  /** Migrations that the rows fit. */
  schema: z.int().min(1),
  createdAt: z.iso.datetime(),
});

export const backupEndSchema = z.strictObject({
  rows: z.int().min(0),
  sha256: z.string(),
});

/** Before a row that refers to another comes that other. */
export const TABLES = [
  'settings',
  'models',
  'writers',
  'reference_signatures',
  'embeddings',
  'policies',
  'signers',
  'mandate_decisions',
  'decisions',
  'cases',
  'case_verdicts',
  'jobs',
  'job_refusals',
  'imports',
  'import_items',
  'bulk_jobs',
  'bulk_items',
  'api_keys',
  'idempotent_answers',
  'idempotent_answer_writers',
  'audit_log',
  'audit_head',
] as const;

export type TableName = (typeof TABLES)[number];

/** Between the table's name and the row: neither holds one. */
export const SEPARATOR = '\t';
