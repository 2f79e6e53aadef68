/** Decisions on signatures as they were written down, each with what became of its case. */
import { and, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import type { Money } from '../policy/money.js';
import type { Decision } from '../verify/result.js';
import type { Thresholds } from '../verify/thresholds.js';
import type { Orm } from './database.js';
import { findWriter } from './find-writer.js';
import { type DecidedDocument, documentOf } from './mandate-decisions.js';
import { INSTANT_AND_ID, type Page, type PageRequest, pageOf, readCursor } from './page.js';
import { type ReviewCase, readCases } from './review-cases.js';
import { cases, decisions, mandateDecisions, writers } from './schema.js';

export interface PastDecision {
  readonly decisionId: string;
  /** The operator's number. */
  readonly writer: string;
  readonly writerId: string;
  /** What the network said; what people say stays apart from it, in `review`. */
  readonly decision: Decision;
  /** In words, the decisive one first. */
  readonly reasons: readonly string[];
  /** To the references, fused by the model's rule; null where nothing was compared. */
  readonly distance: number | null;
  /** log10; null without a distance or a calibration. */
  readonly logLikelihoodRatio: number | null;
  /** Null where nothing was held against one. */
  readonly thresholds: Omit<Thresholds, 'source'> | null;
  /** To each reference that there was, by its id. */
  readonly distances: Readonly<Record<string, number>>;
  /** SHA-256 of the questioned file, hexadecimal. */
  readonly imageHash: string;
  readonly modelId: string;
  readonly policy: { readonly name: string; readonly version: number } | null;
  readonly money: Money | null;
  readonly actor: string;
  readonly createdAt: Date;
  /** What was said of the whole document; null without a mandate. */
  readonly document: DecidedDocument | null;
  /** Null where no case was opened. */
  readonly review: (Pick<ReviewCase, 'state' | 'outcome' | 'decidedAt'> & { readonly caseId: string }) | null;
}

/** @throws CountersignError DECISION_NOT_FOUND */
export async function findDecision(queries: Pick<Orm, 'select'>, decisionId: string, at: Date): Promise<PastDecision> {
  const [found] = await readDecisions(queries, eq(decisions.id, decisionId), at, 1);
  if (found !== undefined) return found;
  throw new CountersignError('DECISION_NOT_FOUND', `There is no decision ${decisionId} in the store.`);
}

/**
 * @param externalRef - the writer's number
 * @returns the newest first
 * @throws CountersignError WRITER_NOT_FOUND; INVALID_ARGUMENT for a cursor of another list
 */
export async function listDecisions(
  queries: Pick<Orm, 'select'>,
  externalRef: string,
  at: Date,
  page: PageRequest,
): Promise<Page<PastDecision>> {
  const after = readCursor(page.cursor, INSTANT_AND_ID);
  const writer = await findWriter(queries, externalRef, at);
  const wanted = and(
    eq(decisions.writerId, writer.id),
    after && sql`(${decisions.createdAt}, ${decisions.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
  )!;
  const rows = await readDecisions(queries, wanted, at, page.limit + 1);
  return pageOf(rows, page, ({ createdAt, decisionId }) => [createdAt.toISOString(), decisionId]);
}

async function readDecisions(
  queries: Pick<Orm, 'select'>,
  wanted: SQL,
  at: Date,
  limit: number,
): Promise<PastDecision[]> {
  const rows = await queries
    .select({ made: decisions, writer: writers.externalRef, document: mandateDecisions })
    .from(decisions)
    .innerJoin(writers, eq(writers.id, decisions.writerId))
    .leftJoin(mandateDecisions, eq(mandateDecisions.id, decisions.mandateDecisionId))
    .where(wanted)
    .orderBy(desc(decisions.createdAt), desc(decisions.id))
    .limit(limit);
  const ids = rows.map(({ made }) => made.id);
  const reviewed = await readCases(queries, inArray(cases.decisionId, ids), at);
  const reviews = new Map(reviewed.map((one) => [one.network.decisionId, one]));
  return rows.map(({ made, writer, document }): PastDecision => {
    const { id: decisionId, writerId, result, reasons, distance, logLikelihoodRatio, thresholds, evidence } = made;
    const { policyName: name, policyVersion: version, amount, currency, modelId, actor, createdAt } = made;
    const review = reviews.get(decisionId);
    return {
      ...{ decisionId, writer, writerId, decision: result, reasons, distance, logLikelihoodRatio },
      thresholds: thresholds.acceptUpTo === undefined ? null : thresholds,
      ...{ distances: evidence.distances, imageHash: made.questionedImageHash, modelId, actor, createdAt },
      policy: name === null ? null : { name, version: version! },
      money: amount === null ? null : { amount, currency: currency! },
      document: documentOf(document),
      review: review === undefined ? null : reviewOf(review),
    };
  });
}

const reviewOf = ({ id: caseId, state, outcome, decidedAt }: ReviewCase) => ({ caseId, state, outcome, decidedAt });
