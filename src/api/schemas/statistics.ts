/** Figures of this installation. */
import { z } from 'zod';
import { decision, instant, instantInput } from './common.js';
import type { OperationSchemas } from './operation-schemas.js';

const byResult = { accept: z.int(), review: z.int(), reject: z.int(), inconclusive: z.int() };

const countedShare = z
  .object({
    count: z.int(),
    of: z.int(),
    share: z.number().nullable().describe('null where there was nothing to count'),
    interval: z.object({ low: z.number(), high: z.number() }).nullable().describe('95 %, exact (Clopper-Pearson)'),
  })
  .meta({ id: 'CountedShare' });

const reviewed = z
  .object({
    decisions: z.int().describe('with this result, whether a person was asked or not'),
    waiting: z.int().describe('cases that people have not decided'),
    genuine: z.int(),
    forged: z.int(),
    inconclusive: z.int(),
  })
  .meta({ id: 'ReviewedDecisions' });

const statistics = z
  .object({
    from: instant,
    to: instant,
    decisions: z
      .object({
        total: z.int(),
        byResult: z.object(byResult),
        byDay: z.array(z.object({ day: z.iso.date(), ...byResult })).describe('each day of the period, in UTC'),
        leftToPeople: countedShare.describe('for which a case was opened'),
      })
      .describe(
        'made in the period, on one signature each; those on writers who were erased are gone from all figures',
      ),
    cases: z.object({
      waiting: z.int().describe('for a person, now, whenever they were opened'),
      oldestWaiting: instant.nullable().describe('when the oldest of them was opened'),
      opened: z.int().describe('in the period'),
      decided: z.int().describe('in the period'),
    }),
    reviewed: z
      .record(decision, reviewed)
      .describe('decisions of the period by the network’s result, and what people have said of them until now'),
    errors: z
      .object({
        acceptedForged: countedShare.describe('of the accepted ones that people called genuine or forged, the forged'),
        rejectedGenuine: countedShare.describe(
          'of the rejected ones that people called genuine or forged, the genuine',
        ),
      })
      .describe(
        'Only of signatures that people looked at. What they look at is chosen by result and policy, so these are no rates over all forgeries or all genuine signatures; for one result they are fair where a case is opened for each of that result (`casesFor`), and `reviewed` says for how many it was.',
      ),
  })
  .meta({ id: 'Statistics' });

export const statisticsSchemas = {
  statistics: {
    query: z.object({
      from: instantInput.optional().describe('without it, 30 days before `to`'),
      to: instantInput.optional().describe('up to, but not with, this instant; without it, now'),
    }),
    answer: statistics,
  },
} as const satisfies Record<string, OperationSchemas>;
