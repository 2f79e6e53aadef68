/** A policy as a document: error rates by amount, who has to sign, how long it holds. */
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { isOneLine } from '../core/one-line.js';
import { parseJson } from '../core/parse-json.js';
import { amountSchema, currencySchema, isUpTo } from './money.js';

const rate = z.number().gt(0).lt(1);
const name = z.string().regex(/^[\w.-]{1,100}$/);
const line = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => isOneLine(text, 200), 'expected text on one line');
const signer = line.describe("a writer: the operator's number in a file, an id of its own in the store");
const count = z.int().min(1).max(16).describe('how many of them, different people');
const limit = amountSchema.optional().describe('the rule holds up to this amount; without it, for any');

const RESULTS = ['accept', 'review', 'reject', 'inconclusive'] as const;

const bandSchema = z
  .strictObject({
    upTo: amountSchema.optional().describe('the greatest amount of the band; the last band may do without'),
    far: rate.optional().describe('share of forgeries that may be accepted: decides what is accepted'),
    frr: rate.optional().describe('share of genuine signatures that may be rejected: decides what is rejected'),
    forgeries: z.enum(['skilled', 'random']).default('skilled').describe('of which forgeries far speaks'),
    review: z
      .enum(['between', 'always'])
      .default('between')
      .describe('between: what is neither accepted nor rejected; always: every signature goes to a person'),
    casesFor: z
      .array(z.enum(RESULTS))
      .default(['review'])
      .describe('results of which a case is opened for a person; review is always one'),
    twoPerson: z.boolean().default(false).describe('two people must come to one verdict on a case'),
  })
  .refine(({ far, frr, review }) => review === 'always' || (far ?? frr) !== undefined, {
    message: 'expected far, frr, or review "always"',
  })
  .refine(({ far, frr, review }) => review === 'between' || (far ?? frr) === undefined, {
    message: 'far and frr decide nothing where review is "always"',
  });

const signerRule = z.strictObject({ signer, upTo: limit });
const panelRule = z.strictObject({ panel: name.describe('one of panels'), count: count.default(1), upTo: limit });
const anyRule = z.strictObject({
  get anyOf() {
    return z.array(ruleSchema).min(1).max(16);
  },
  count: count.default(1),
  upTo: limit,
});
const allRule = z.strictObject({
  get allOf() {
    return z.array(ruleSchema).min(1).max(16);
  },
  upTo: limit,
});
/** Who has to sign, a tree. One person counts once, however many of its rules name them. */
const ruleSchema: z.ZodType<Rule, RuleInput> = z.union([signerRule, panelRule, anyRule, allRule]);

interface Limited {
  readonly upTo?: string | undefined;
}
export type Rule =
  | ({ readonly signer: string } & Limited)
  | ({ readonly panel: string; readonly count: number } & Limited)
  | ({ readonly anyOf: readonly Rule[]; readonly count: number } & Limited)
  | ({ readonly allOf: readonly Rule[] } & Limited);
type RuleInput =
  | { signer: string; upTo?: string | undefined }
  | { panel: string; count?: number | undefined; upTo?: string | undefined }
  | { anyOf: RuleInput[]; count?: number | undefined; upTo?: string | undefined }
  | { allOf: RuleInput[]; upTo?: string | undefined };

const mandateSchema = z
  .strictObject({
    panels: z
      .record(name, z.array(signer).min(1))
      .default({})
      .describe('groups of signers that rules call by their name'),
    rule: ruleSchema,
  })
  .superRefine(({ panels, rule }, context) => {
    for (const problem of [...Object.entries(panels).flatMap(repeated), ...ruleProblems(rule, panels)]) {
      context.addIssue({ code: 'custom', message: problem });
    }
  });

export const policySchema = z
  .strictObject({
    schema: z.literal('countersign/policy@1'),
    name: name.describe('what versions of it share'),
    title: line.describe('in words'),
    currency: currencySchema.optional().describe('of all amounts in it; needed where there is one'),
    validFrom: z.iso.datetime({ offset: true }).optional(),
    validTo: z.iso.datetime({ offset: true }).optional().describe('from this instant on it does not hold'),
    minimumReferences: z.int().min(1).max(100).default(1).describe('with fewer a decision is inconclusive'),
    bands: z.array(bandSchema).min(1).max(20).describe('by amount, ascending; the first that holds an amount decides'),
    mandate: mandateSchema.optional().describe('who has to sign; without it, whoever is asked about'),
  })
  .refine(({ bands }) => bands.every(({ upTo }, i) => i === bands.length - 1 || upTo !== undefined), {
    message: 'only the last band may do without upTo',
    path: ['bands'],
  })
  .refine(({ bands }) => bands.every(({ upTo }, i) => i === 0 || !upTo || !isUpTo(upTo, bands[i - 1]!.upTo ?? upTo)), {
    message: 'expected upTo to ascend',
    path: ['bands'],
  })
  .refine((policy) => policy.currency !== undefined || !hasAmounts(policy), {
    message: 'is needed, since there are amounts',
    path: ['currency'],
  })
  .refine(({ validFrom, validTo }) => !validFrom || !validTo || new Date(validFrom) < new Date(validTo), {
    message: 'expected an instant behind validFrom',
    path: ['validTo'],
  });

/** Resolved, every default filled in. */
export type Policy = z.output<typeof policySchema>;
export type Band = Policy['bands'][number];
export type Mandate = NonNullable<Policy['mandate']>;

/** @param source - what the message calls it. @throws CountersignError POLICY_INVALID */
export function parsePolicy(text: string, source: string): Policy {
  const document = parseJson(text);
  if (document === undefined) throw new CountersignError('POLICY_INVALID', `${source}: expected JSON.`);
  const parsed = policySchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new CountersignError('POLICY_INVALID', `${source}: ${z.prettifyError(parsed.error)}`);
}

/** Whether the policy needs to know what is at stake. */
export function hasAmounts({
  bands,
  mandate,
}: {
  readonly bands: readonly Limited[];
  readonly mandate?: { readonly rule: Rule } | undefined;
}): boolean {
  return (
    bands.some(({ upTo }) => upTo !== undefined) ||
    (mandate !== undefined && rulesOf(mandate.rule).some(({ upTo }) => upTo !== undefined))
  );
}

/** The same mandate with its signers under other names. @throws what `rename` throws */
export function renameSigners({ panels, rule }: Mandate, rename: (signer: string) => string): Mandate {
  const renameIn = (one: Rule): Rule => {
    if ('signer' in one) return { ...one, signer: rename(one.signer) };
    if ('anyOf' in one) return { ...one, anyOf: one.anyOf.map(renameIn) };
    return 'allOf' in one ? { ...one, allOf: one.allOf.map(renameIn) } : one;
  };
  const renamed = Object.entries(panels).map(([panel, signers]) => [panel, signers.map(rename)]);
  return { panels: Object.fromEntries(renamed), rule: renameIn(rule) };
}

/** Everyone that the mandate names, once. */
export function signersOf({ panels, rule }: Mandate): string[] {
  const inRules = rulesOf(rule).flatMap((one) => ('signer' in one ? [one.signer] : []));
  return [...new Set([...Object.values(panels).flat(), ...inRules])];
}

/** The rule and all below it. */
function rulesOf(rule: Rule): Rule[] {
  const below = 'anyOf' in rule ? rule.anyOf : 'allOf' in rule ? rule.allOf : [];
  return [rule, ...below.flatMap(rulesOf)];
}

function ruleProblems(rule: Rule, panels: Mandate['panels']): string[] {
  return rulesOf(rule).flatMap((one) => {
    if ('panel' in one) {
      const size = panels[one.panel]?.length;
      if (size === undefined) return [`there is no panel "${one.panel}"`];
      return one.count > size ? [`${one.count} of panel "${one.panel}", which has ${size}`] : [];
    }
    return 'anyOf' in one && one.count > one.anyOf.length ? [`${one.count} of ${one.anyOf.length} rules`] : [];
  });
}

function repeated([panel, signers]: [string, string[]]): string[] {
  return new Set(signers).size === signers.length ? [] : [`panel "${panel}" names a signer twice`];
}
