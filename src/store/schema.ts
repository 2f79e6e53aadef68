/**
 * The tables as queries see them. `migrations/` makes them; `schema.test.ts` holds the two together. Times are
 * instants with milliseconds; what is sealed is a ciphertext of `encryption.ts`.
 */
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  foreignKey,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import type { ImageQuality } from '../image/quality.js';
import { ENROLMENT_STATES } from '../verify/enrolment-state.js';
import type { Doubt } from '../verify/reference-consistency.js';

/** Both drivers give bytes as a Uint8Array (a Buffer is one). */
const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** What an operator has set, a document each; what is not there has its default. */
export const settings = pgTable('settings', {
  name: text('name').primaryKey(),
  document: jsonb('document').notNull(),
  updatedAt: instant('updated_at').notNull(),
  updatedBy: text('updated_by').notNull(),
});

export const models = pgTable('models', {
  id: text('id').primaryKey(),
  /** Numbers of an embedding. */
  dimension: integer('dimension').notNull(),
  /** The one that enrolment and decisions use. */
  active: boolean('active').notNull().default(false),
  createdAt: instant('created_at').notNull(),
});

export const writers = pgTable('writers', {
  id: uuid('id').primaryKey(),
  /** The operator's own number for the writer. */
  externalRef: text('external_ref').notNull().unique(),
  name: text('name'),
  /** As it was last worked out; one that is ready until `staleFrom` is stale from then on: see `find-writer.ts`. */
  state: text('state', { enum: ENROLMENT_STATES }).notNull(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at'),
  staleFrom: instant('stale_from'),
});

export const referenceSignatures = pgTable('reference_signatures', {
  id: uuid('id').primaryKey(),
  writerId: uuid('writer_id')
    .notNull()
    .references(() => writers.id, { onDelete: 'cascade' }),
  /** SHA-256 of the file that was enrolled, hexadecimal. */
  imageHash: text('image_hash').notNull(),
  /** That file, sealed. */
  image: bytea('image').notNull(),
  quality: jsonb('quality').$type<ImageQuality>(),
  /** `doubtful`: does not fit the writer's others. */
  state: text('state', { enum: ['enrolled', 'doubtful', 'retired'] }).notNull(),
  capturedAt: instant('captured_at'),
  enrolledAt: instant('enrolled_at').notNull(),
  retiredAt: instant('retired_at'),
  /** SHA-256 of the picture however it was encoded, hexadecimal. */
  pixelHash: text('pixel_hash'),
  /** Why it was questioned; stays when a person confirmed it. */
  doubt: jsonb('doubt').$type<Doubt>(),
  confirmedAt: instant('confirmed_at'),
  confirmedBy: text('confirmed_by'),
});

export const embeddings = pgTable(
  'embeddings',
  {
    referenceId: uuid('reference_id')
      .notNull()
      .references(() => referenceSignatures.id, { onDelete: 'cascade' }),
    modelId: text('model_id')
      .notNull()
      .references(() => models.id),
    /** [D] float32, little-endian; sealed where `sealed` says so. */
    vector: bytea('vector').notNull(),
    sealed: boolean('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.referenceId, table.modelId] })],
);

export const policies = pgTable(
  'policies',
  {
    name: text('name').notNull(),
    version: integer('version').notNull(),
    document: jsonb('document').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    activeFrom: instant('active_from'),
    activeTo: instant('active_to'),
  },
  (table) => [primaryKey({ columns: [table.name, table.version] })],
);

/** What mandates call a writer: policies outlive the people they name, and this leads nowhere once the writer is erased. */
export const signers = pgTable('signers', {
  id: uuid('id').primaryKey(),
  writerId: uuid('writer_id')
    .notNull()
    .unique()
    .references(() => writers.id, { onDelete: 'cascade' }),
});

const result = () => text('result', { enum: ['accept', 'review', 'reject', 'inconclusive'] }).notNull();
/** Decimal, as text: money is no float. */
const amount = () => numeric('amount', { precision: 18, scale: 2 });

/** What was said of a document that several may have signed. */
export const mandateDecisions = pgTable(
  'mandate_decisions',
  {
    id: uuid('id').primaryKey(),
    policyName: text('policy_name').notNull(),
    policyVersion: integer('policy_version').notNull(),
    result: result(),
    reasons: jsonb('reasons').$type<readonly string[]>().notNull(),
    amount: amount(),
    /** ISO 4217. */
    currency: text('currency'),
    actor: text('actor').notNull(),
    createdAt: instant('created_at').notNull(),
    /** How many it bore; some may have been erased since. */
    signatures: integer('signatures').notNull(),
    /** Once people have decided on its signatures; what the network said stays as it was. */
    reviewedResult: text('reviewed_result', { enum: ['accept', 'reject', 'inconclusive'] }),
    reviewedReasons: jsonb('reviewed_reasons').$type<readonly string[]>(),
    reviewedAt: instant('reviewed_at'),
  },
  (table) => [
    foreignKey({
      columns: [table.policyName, table.policyVersion],
      foreignColumns: [policies.name, policies.version],
    }),
  ],
);

export interface DecidingThresholds {
  readonly acceptUpTo: number;
  readonly rejectAbove: number;
}

/** Where nothing was held against one. */
export interface NoThresholds {
  readonly acceptUpTo?: undefined;
}

export interface DecisionEvidence {
  /** To each reference, by its id. */
  readonly distances: Readonly<Record<string, number>>;
}

/** What was said of one signature. */
export const decisions = pgTable(
  'decisions',
  {
    id: uuid('id').primaryKey(),
    writerId: uuid('writer_id')
      .notNull()
      .references(() => writers.id, { onDelete: 'cascade' }),
    /** SHA-256, hexadecimal. */
    questionedImageHash: text('questioned_image_hash').notNull(),
    modelId: text('model_id')
      .notNull()
      .references(() => models.id),
    thresholds: jsonb('thresholds').$type<DecidingThresholds | NoThresholds>().notNull(),
    /** Euclidean. */
    distance: doublePrecision('distance'),
    logLikelihoodRatio: doublePrecision('log_likelihood_ratio'),
    result: result(),
    reasons: jsonb('reasons').$type<readonly string[]>().notNull(),
    evidence: jsonb('evidence').$type<DecisionEvidence>().notNull(),
    amount: amount(),
    /** ISO 4217. */
    currency: text('currency'),
    actor: text('actor').notNull(),
    createdAt: instant('created_at').notNull(),
    policyName: text('policy_name'),
    policyVersion: integer('policy_version'),
    /** Where it is one of a document's. */
    mandateDecisionId: uuid('mandate_decision_id').references(() => mandateDecisions.id),
  },
  (table) => [
    foreignKey({
      columns: [table.policyName, table.policyVersion],
      foreignColumns: [policies.name, policies.version],
    }),
  ],
);

export const cases = pgTable('cases', {
  id: uuid('id').primaryKey(),
  decisionId: uuid('decision_id')
    .notNull()
    .unique()
    .references(() => decisions.id, { onDelete: 'cascade' }),
  state: text('state', { enum: ['open', 'claimed', 'decided', 'released'] }).notNull(),
  claimedBy: text('claimed_by'),
  claimExpiresAt: instant('claim_expires_at'),
  /** Two people must agree. */
  twoPerson: boolean('two_person').notNull().default(false),
  /** What the person has to look at, sealed. */
  questionedImage: bytea('questioned_image'),
  createdAt: instant('created_at').notNull(),
  decidedAt: instant('decided_at'),
});

/** What people said, apart from what the network said. */
export const caseVerdicts = pgTable(
  'case_verdicts',
  {
    caseId: uuid('case_id')
      .notNull()
      .references(() => cases.id, { onDelete: 'cascade' }),
    actor: text('actor').notNull(),
    verdict: text('verdict', { enum: ['genuine', 'forged', 'inconclusive'] }).notNull(),
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.caseId, table.actor] })],
);

/** Work in the background that goes on where it was interrupted. */
export const jobs = pgTable('jobs', {
  id: uuid('id').primaryKey(),
  kind: text('kind').notNull(),
  state: text('state', { enum: ['queued', 'running', 'done', 'failed'] }).notNull(),
  modelId: text('model_id').references(() => models.id),
  writerId: uuid('writer_id').references(() => writers.id, { onDelete: 'cascade' }),
  /** The last thing done, in the order of the work. */
  position: text('position'),
  done: integer('done').notNull().default(0),
  total: integer('total'),
  problem: text('problem'),
  createdAt: instant('created_at').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

/** What a job could not do, and why. */
export const jobRefusals = pgTable(
  'job_refusals',
  {
    jobId: uuid('job_id')
      .notNull()
      .references(() => jobs.id, { onDelete: 'cascade' }),
    referenceId: uuid('reference_id')
      .notNull()
      .references(() => referenceSignatures.id, { onDelete: 'cascade' }),
    code: text('code').notNull(),
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.referenceId] })],
);

export const imports = pgTable('imports', {
  id: uuid('id').primaryKey(),
  source: text('source').notNull(),
  actor: text('actor').notNull(),
  startedAt: instant('started_at').notNull(),
  finishedAt: instant('finished_at'),
});

export const importItems = pgTable(
  'import_items',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    /** From 1. */
    position: integer('position').notNull(),
    source: text('source').notNull(),
    externalRef: text('external_ref').notNull(),
    state: text('state', { enum: ['waiting', 'enrolled', 'refused'] }).notNull(),
    writerId: uuid('writer_id').references(() => writers.id, { onDelete: 'cascade' }),
    referenceId: uuid('reference_id').references(() => referenceSignatures.id, { onDelete: 'cascade' }),
    /** Error code of a refusal. */
    code: text('code'),
    reason: text('reason'),
    updatedAt: instant('updated_at').notNull(),
    /** Of the writer and the file, as the source says. */
    name: text('name'),
    capturedAt: instant('captured_at'),
    expiresAt: instant('expires_at'),
  },
  (table) => [primaryKey({ columns: [table.importId, table.position] })],
);

/** Bulk work: what was asked, and what came of it as a whole. */
export const bulkJobs = pgTable('bulk_jobs', {
  id: uuid('id').primaryKey(),
  kind: text('kind', { enum: ['verify', 'enrol', 'reembed', 'evaluate'] }).notNull(),
  /** `failed`: some of it could not be done and may be tried again. */
  state: text('state', { enum: ['collecting', 'queued', 'running', 'done', 'failed', 'cancelled'] }).notNull(),
  /** What the operator calls it. */
  title: text('title'),
  actor: text('actor').notNull(),
  parameters: jsonb('parameters').$type<Readonly<Record<string, unknown>>>().notNull(),
  /** Of a job without items: how far it is. */
  done: integer('done').notNull().default(0),
  /** Items that were added; without items, what `done` will be at the end. */
  total: integer('total').notNull().default(0),
  /** Figures of what came of it, once it is finished. */
  summary: jsonb('summary').$type<BulkSummary>(),
  /** Why a job without items failed. */
  code: text('code'),
  reason: text('reason'),
  /** Of an evaluation: report.json and report.html. */
  report: text('report'),
  reportPage: text('report_page'),
  createdAt: instant('created_at').notNull(),
  /** When a worker first took something of it; anew after a retry. */
  startedAt: instant('started_at'),
  finishedAt: instant('finished_at'),
});

export interface BulkSummary {
  /** Items by their state; null where the job has none. */
  readonly items: Readonly<Record<BulkItemState, number>> | null;
  /** Settled items by their result, or the figures of a job without items. */
  readonly results: Readonly<Record<string, number>>;
  /** Of a move to another model: policies that decide nothing by it. */
  readonly unkeptPolicies?: readonly { readonly name: string; readonly version: number; readonly reason: string }[];
}

const BULK_ITEM_STATES = ['waiting', 'settled', 'refused', 'failed', 'cancelled'] as const;
export type BulkItemState = (typeof BULK_ITEM_STATES)[number];

/** What workers take one by one: settled in the transaction of the decision or the enrolment that comes of it. */
export const bulkItems = pgTable(
  'bulk_items',
  {
    jobId: uuid('job_id')
      .notNull()
      .references(() => bulkJobs.id, { onDelete: 'cascade' }),
    /** From 1. */
    position: integer('position').notNull(),
    /** The operator's number of the writer; whether there is one is seen when it is settled. */
    externalRef: text('external_ref').notNull(),
    /** What the caller calls the item: a file, the number of a document. */
    label: text('label'),
    /** The file, sealed; removed when the item is settled, refused or cancelled. */
    image: bytea('image'),
    policy: text('policy'),
    amount: amount(),
    currency: text('currency'),
    name: text('name'),
    capturedAt: instant('captured_at'),
    expiresAt: instant('expires_at'),
    /** `failed`: not by what it holds but by trouble of the system; it may be tried again. */
    state: text('state', { enum: BULK_ITEM_STATES }).notNull(),
    /** Beginnings that came to no end, since the first. */
    attempts: integer('attempts').notNull().default(0),
    /** What was decided, or `enrolled`, `doubtful`. */
    result: text('result'),
    decisionId: uuid('decision_id').references(() => decisions.id, { onDelete: 'cascade' }),
    referenceId: uuid('reference_id').references(() => referenceSignatures.id, { onDelete: 'cascade' }),
    /** Error code of a refusal or failure; of one that waits, what the last attempt came to. */
    code: text('code'),
    reason: text('reason'),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.position] })],
);

/** Keys of the service. The secrets are not here: SHA-256 of them, hexadecimal. */
export const apiKeys = pgTable('api_keys', {
  /** 16 hexadecimal digits, the part of a key that is no secret. */
  id: text('id').primaryKey(),
  /** Who acts with it, in the audit log. */
  name: text('name'),
  roles: jsonb('roles').$type<readonly string[]>().notNull(),
  secretHash: text('secret_hash').notNull(),
  /** Of the secret before the last rotation, which holds until then. */
  previousHash: text('previous_hash'),
  previousUntil: instant('previous_until'),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  expiresAt: instant('expires_at'),
  lastUsedAt: instant('last_used_at'),
  revokedAt: instant('revoked_at'),
});

/** What a request was answered, for when it comes again. */
export const idempotentAnswers = pgTable('idempotent_answers', {
  id: uuid('id').primaryKey(),
  apiKeyId: text('api_key_id').notNull(),
  operation: text('operation').notNull(),
  /** SHA-256 of the caller's key and of the request, hexadecimal. */
  keyHash: text('key_hash').notNull(),
  requestHash: text('request_hash').notNull(),
  /** JSON, sealed. */
  answer: bytea('answer').notNull(),
  createdAt: instant('created_at').notNull(),
});

/** Whom an answer speaks of. */
export const idempotentAnswerWriters = pgTable(
  'idempotent_answer_writers',
  {
    answerId: uuid('answer_id')
      .notNull()
      .references(() => idempotentAnswers.id, { onDelete: 'cascade' }),
    writerId: uuid('writer_id')
      .notNull()
      .references(() => writers.id, { onDelete: 'cascade' }),
  },
  (table) => [primaryKey({ columns: [table.answerId, table.writerId] })],
);

/** Holds no name, no operator's number and no image: only pseudonymous ids and hashes, since nothing here is erased. */
export const auditLog = pgTable('audit_log', {
  seq: bigint('seq', { mode: 'number' }).primaryKey(),
  at: instant('at').notNull(),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  subjectIds: jsonb('subject_ids').$type<readonly string[]>().notNull(),
  imageHashes: jsonb('image_hashes').$type<readonly string[]>().notNull(),
  modelId: text('model_id'),
  policy: text('policy'),
  threshold: doublePrecision('threshold'),
  result: text('result'),
  /** JSON, as text: hashed as it stands. */
  details: text('details').notNull(),
  previousHash: text('previous_hash').notNull(),
  hash: text('hash').notNull(),
});

export const auditHead = pgTable('audit_head', {
  single: boolean('single').primaryKey().default(true),
  storeId: uuid('store_id').notNull(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
  hash: text('hash').notNull(),
  keyId: text('key_id').notNull(),
  seal: text('seal').notNull(),
});
