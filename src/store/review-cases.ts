/** Cases as people see them: what the network said, and apart from it what people did. */
import { and, asc, eq, getTableColumns, gt, lte, or, type SQL, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import type { Orm } from './database.js';
import { type DecidedDocument, documentOf } from './mandate-decisions.js';
import { INSTANT_AND_ID, type Page, type PageRequest, pageOf, readCursor } from './page.js';
import { policyTitle } from './policies.js';
import { cases, caseVerdicts, decisions, mandateDecisions, writers } from './schema.js';

export type CaseState = (typeof cases.$inferSelect)['state'];
export type Verdict = (typeof caseVerdicts.$inferSelect)['verdict'];

export interface ReviewCase {
  readonly id: string;
  /** As of the instant that was asked for: a claim that has run out is none. */
  readonly state: CaseState;
  readonly writerId: string;
  /** The operator's number. */
  readonly writer: string;
  readonly claimedBy: string | null;
  readonly claimExpiresAt: Date | null;
  readonly twoPerson: boolean;
  readonly createdAt: Date;
  readonly decidedAt: Date | null;
  /** What the network said. */
  readonly network: {
    readonly decisionId: string;
    readonly result: (typeof decisions.$inferSelect)['result'];
    readonly reasons: readonly string[];
    readonly distance: number | null;
    /** Accepted up to it, and rejected above the other; null where nothing was held against them. */
    readonly acceptUpTo: number | null;
    readonly rejectAbove: number | null;
    readonly logLikelihoodRatio: number | null;
    readonly imageHash: string;
    readonly modelId: string;
    /** Name and version. */
    readonly policy: string | null;
    readonly amount: string | null;
    readonly currency: string | null;
  };
  /** The document that the signature is on, where a mandate decides; null without one. */
  readonly document: DecidedDocument | null;
  /** What people said, in their order. */
  readonly verdicts: readonly PersonVerdict[];
  /** What came of it; null until it is decided. */
  readonly outcome: Verdict | null;
}

export interface PersonVerdict {
  readonly actor: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly at: Date;
}

export interface CaseFilter extends PageRequest {
  readonly at: Date;
  /** Without it all that wait for a person. */
  readonly states?: readonly CaseState[] | undefined;
}

const WAITING: readonly CaseState[] = ['open', 'claimed', 'released'];

/** @returns the oldest first. @throws CountersignError INVALID_ARGUMENT for a cursor of another list */
export async function listCases(
  queries: Pick<Orm, 'select'>,
  { at, states = WAITING, ...page }: CaseFilter,
): Promise<Page<ReviewCase>> {
  const after = readCursor(page.cursor, INSTANT_AND_ID);
  const wanted = and(
    or(...states.map((state) => isIn(state, at))),
    after && sql`(${cases.createdAt}, ${cases.id}) > (${after[0]}::timestamptz, ${after[1]}::uuid)`,
  );
  const rows = await readCases(queries, wanted, at, page.limit + 1);
  return pageOf(rows, page, ({ createdAt, id }) => [createdAt.toISOString(), id]);
}

/** @param beginning - its id, or how that begins. @throws CountersignError CASE_NOT_FOUND */
export async function findCase(queries: Pick<Orm, 'select'>, beginning: string, at: Date): Promise<ReviewCase> {
  const found = /^[0-9a-f-]+$/i.test(beginning)
    ? await readCases(queries, sql`${cases.id}::text LIKE ${`${beginning.toLowerCase()}%`}`, at, 2)
    : [];
  if (found.length === 1) return found[0]!;
  const message = `Expected one case whose id begins with "${beginning}"; there are ${found.length === 0 ? 'none' : 'several'}.`;
  throw new CountersignError('CASE_NOT_FOUND', message);
}

/** Two of one mind where two must agree; else the first that speaks. */
export function outcomeOf(twoPerson: boolean, verdicts: readonly Pick<PersonVerdict, 'verdict'>[]): Verdict | null {
  const needed = twoPerson ? 2 : 1;
  const said = verdicts.map(({ verdict }) => verdict);
  return said.find((verdict) => said.filter((other) => other === verdict).length >= needed) ?? null;
}

const { questionedImage: _image, ...casesWithoutImage } = getTableColumns(cases);

/** The oldest first; without a limit all of them. */
export async function readCases(
  queries: Pick<Orm, 'select'>,
  wanted: SQL | undefined,
  at: Date,
  limit?: number,
): Promise<ReviewCase[]> {
  const query = queries
    .select({
      reviewed: casesWithoutImage,
      decision: decisions,
      writer: writers.externalRef,
      document: mandateDecisions,
    })
    .from(cases)
    .innerJoin(decisions, eq(decisions.id, cases.decisionId))
    .innerJoin(writers, eq(writers.id, decisions.writerId))
    .leftJoin(mandateDecisions, eq(mandateDecisions.id, decisions.mandateDecisionId))
    .where(wanted)
    .orderBy(asc(cases.createdAt), asc(cases.id));
  const rows = await (limit === undefined ? query : query.limit(limit));
  if (rows.length === 0) return [];
  const ids = rows.map(({ reviewed }) => reviewed.id);
  const said = await queries
    .select()
    .from(caseVerdicts)
    .where(sql`${caseVerdicts.caseId} IN (SELECT json_array_elements_text(${JSON.stringify(ids)}::json)::uuid)`)
    .orderBy(caseVerdicts.at, caseVerdicts.actor);
  return rows.map(({ reviewed, decision, writer, document }): ReviewCase => {
    const ranOut = reviewed.state === 'claimed' && reviewed.claimExpiresAt! <= at;
    const { id, twoPerson, createdAt, decidedAt } = reviewed;
    const verdicts = said
      .filter(({ caseId }) => caseId === id)
      .map(({ actor, verdict, reason, at: when }) => ({ actor, verdict, reason, at: when }));
    return {
      ...{ id, twoPerson, createdAt, decidedAt, writer, writerId: decision.writerId, verdicts },
      state: ranOut ? 'open' : reviewed.state,
      claimedBy: ranOut ? null : reviewed.claimedBy,
      claimExpiresAt: ranOut ? null : reviewed.claimExpiresAt,
      network: networkOf(decision),
      document: documentOf(document),
      outcome: reviewed.state === 'decided' ? outcomeOf(twoPerson, verdicts) : null,
    };
  });
}

function networkOf(decision: typeof decisions.$inferSelect): ReviewCase['network'] {
  const { id: decisionId, questionedImageHash: imageHash, policyName: name, policyVersion: version } = decision;
  const { result, reasons, distance, logLikelihoodRatio, thresholds, modelId, amount, currency } = decision;
  const policy = name === null ? null : policyTitle({ name, version: version! });
  const { acceptUpTo, rejectAbove } = thresholds.acceptUpTo === undefined ? NO_THRESHOLDS : thresholds;
  return {
    ...{ decisionId, result, reasons, distance, acceptUpTo, rejectAbove, logLikelihoodRatio, imageHash, modelId },
    ...{ policy, amount, currency },
  };
}

const NO_THRESHOLDS = { acceptUpTo: null, rejectAbove: null };

/** SQL: cases in this state at the instant. */
function isIn(state: CaseState, at: Date): SQL {
  const isClaimed = eq(cases.state, 'claimed');
  if (state === 'claimed') return and(isClaimed, gt(cases.claimExpiresAt, at))!;
  return state === 'open'
    ? or(eq(cases.state, 'open'), and(isClaimed, lte(cases.claimExpiresAt, at)))!
    : eq(cases.state, state);
}
