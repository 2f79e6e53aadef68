/**
 * What a store did in a period, and how often its network was wrong, as far as people looked.
 *
 * Which case a person sees is decided by the network's own result and the policy, so the cases are no sample of all
 * signatures. Hence shares within one result: of the accepted ones that people looked at, how many are forged. Where a
 * policy opens a case for each result of a kind (`casesFor`), nothing selects within it. Decisions of writers who were erased
 * are gone, from these figures too.
 */
import { type AnyColumn, and, count, eq, gte, lt, min, ne, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type CountedShare, countedShare } from '../evaluate/exact-interval.js';
import type { Decision } from '../verify/result.js';
import type { Database, Orm } from './database.js';
import type { Verdict } from './review-cases.js';
import { cases, caseVerdicts, decisions } from './schema.js';

/** From `from` up to, but not with, `to`. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

export type Counts<Name extends string> = Readonly<Record<Name, number>>;

/** Of the decisions with one result: those that people have looked at, by what they said. */
export type Reviewed = Counts<'decisions' | 'waiting' | Verdict>;

export interface Statistics extends Period {
  /** Made in the period, on one signature each. */
  readonly decisions: {
    readonly total: number;
    readonly byResult: Counts<Decision>;
    /** Each day of the period, in UTC, as `2026-03-29`. */
    readonly byDay: readonly ({ readonly day: string } & Counts<Decision>)[];
    /** For which a person was asked. */
    readonly leftToPeople: CountedShare;
  };
  readonly cases: {
    /** That wait for a person now, whenever they were opened. */
    readonly waiting: number;
    readonly oldestWaiting: Date | null;
    /** In the period. */
    readonly opened: number;
    readonly decided: number;
  };
  /** Of the decisions made in the period, what people have said until now. */
  readonly reviewed: Readonly<Record<Decision, Reviewed>>;
  readonly errors: {
    /** Of the accepted ones that people called genuine or forged, the forged. */
    readonly acceptedForged: CountedShare;
    /** Of the rejected ones that people called genuine or forged, the genuine. */
    readonly rejectedGenuine: CountedShare;
  };
}

const MOST_DAYS = 400;
const DAY_MS = 86_400_000;

/**
 * As it stands at one instant.
 *
 * @throws CountersignError INVALID_ARGUMENT for a period that ends before it begins, or is longer than 400 days
 */
export async function readStatistics(database: Database, period: Period): Promise<Statistics> {
  return database.transaction(async (tx) => {
    await tx.setTransaction({ isolationLevel: 'repeatable read', accessMode: 'read only' });
    return readAsOf(tx, period);
  });
}

async function readAsOf(queries: Pick<Orm, 'select'>, { from, to }: Period): Promise<Statistics> {
  const days = daysOf({ from, to });
  const made = await decisionsByDay(queries, { from, to });
  const byDay = days.map((day) => ({ day, ...countResults(made.filter((row) => row.day === day)) }));
  const byResult = countResults(made);
  const total = sum(made);
  const opened = await casesByResult(queries, { from, to });
  const outcomes = await outcomesByResult(queries, { from, to });
  const reviewedOf = (result: Decision): Reviewed => {
    const said = (outcome: Verdict) => sum(outcomes.filter((row) => row.result === result && row.outcome === outcome));
    const people = { genuine: said('genuine'), forged: said('forged'), inconclusive: said('inconclusive') };
    const cases = sum(opened.filter((row) => row.result === result));
    const waiting = cases - people.genuine - people.forged - people.inconclusive;
    return { decisions: byResult[result], waiting, ...people };
  };
  const reviewed = {
    ...{ accept: reviewedOf('accept'), review: reviewedOf('review'), reject: reviewedOf('reject') },
    inconclusive: reviewedOf('inconclusive'),
  };
  return {
    ...{ from, to },
    decisions: { total, byResult, byDay, leftToPeople: countedShare(sum(opened), total) },
    cases: await countCases(queries, { from, to }),
    reviewed,
    errors: {
      acceptedForged: wrongIn(reviewed.accept, 'forged'),
      rejectedGenuine: wrongIn(reviewed.reject, 'genuine'),
    },
  };
}

const RESULTS: readonly Decision[] = ['accept', 'review', 'reject', 'inconclusive'];

interface Counted {
  readonly number: number;
}
const sum = (rows: readonly Counted[]) => rows.reduce((total, { number }) => total + number, 0);

function countResults(rows: readonly (Counted & { readonly result: Decision })[]): Counts<Decision> {
  const ofResult = (result: Decision) => sum(rows.filter((row) => row.result === result));
  return Object.fromEntries(RESULTS.map((result) => [result, ofResult(result)])) as Counts<Decision>;
}

const wrongIn = (reviewed: Reviewed, wrong: 'genuine' | 'forged') =>
  countedShare(reviewed[wrong], reviewed.genuine + reviewed.forged);

/** By day and result. */
async function decisionsByDay(queries: Pick<Orm, 'select'>, period: Period) {
  const { createdAt, result } = decisions;
  const day = sql`(${createdAt} AT TIME ZONE 'UTC')::date`;
  return queries
    .select({ day: sql<string>`${day}::text`, result, number: count() })
    .from(decisions)
    .where(within(createdAt, period))
    .groupBy(day, result);
}

/** Cases of decisions of the period, by the network's result. */
async function casesByResult(queries: Pick<Orm, 'select'>, period: Period) {
  const { result, createdAt, id } = decisions;
  return queries
    .select({ result, number: count() })
    .from(decisions)
    .innerJoin(cases, eq(cases.decisionId, id))
    .where(within(createdAt, period))
    .groupBy(result);
}

/** Of those the decided ones, by what people said too. */
async function outcomesByResult(queries: Pick<Orm, 'select'>, period: Period) {
  const { result, createdAt, id } = decisions;
  const { verdict: outcome } = caseVerdicts;
  const decided = queries
    .select({ result, outcome })
    .from(decisions)
    .innerJoin(cases, and(eq(cases.decisionId, id), eq(cases.state, 'decided')))
    .innerJoin(caseVerdicts, eq(caseVerdicts.caseId, cases.id))
    .where(within(createdAt, period))
    .groupBy(cases.id, cases.twoPerson, result, outcome)
    .having(sql`count(*) >= CASE WHEN ${cases.twoPerson} THEN 2 ELSE 1 END`)
    .as('decided');
  return queries
    .select({ result: decided.result, outcome: decided.outcome, number: count() })
    .from(decided)
    .groupBy(decided.result, decided.outcome);
}

async function countCases(queries: Pick<Orm, 'select'>, period: Period): Promise<Statistics['cases']> {
  const { createdAt, decidedAt, state } = cases;
  const number = { number: count() };
  const [waiting] = await queries
    .select({ ...number, oldest: min(createdAt) })
    .from(cases)
    .where(ne(state, 'decided'));
  const [opened] = await queries.select(number).from(cases).where(within(createdAt, period));
  const [decided] = await queries.select(number).from(cases).where(within(decidedAt, period));
  return {
    ...{ waiting: waiting!.number, oldestWaiting: waiting!.oldest },
    ...{ opened: opened!.number, decided: decided!.number },
  };
}

const within = (column: AnyColumn, { from, to }: Period) => and(gte(column, from), lt(column, to));

function daysOf({ from, to }: Period): string[] {
  const first = Math.floor(from.getTime() / DAY_MS);
  const days = Math.ceil(to.getTime() / DAY_MS) - first;
  if (to <= from || days > MOST_DAYS) {
    const message = `Expected a period of at most ${MOST_DAYS} days that ends after it begins; ${from.toISOString()} to ${to.toISOString()} came.`;
    throw new CountersignError('INVALID_ARGUMENT', message);
  }
  return Array.from({ length: days }, (_, i) => new Date((first + i) * DAY_MS).toISOString().slice(0, 10));
}
