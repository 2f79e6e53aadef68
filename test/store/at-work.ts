/** People at work on a store, without a network: they enrol, set a policy, decide and review. */
import { createDecider } from '../../src/decide/decide.js';
import type { DocumentDecision } from '../../src/decide/question.js';
import { type Policy, policySchema } from '../../src/policy/document.js';
import { createWriter, type EnrolmentOutcome, type NewWriter } from '../../src/store/enrol.js';
import { activatePolicy, addPolicy } from '../../src/store/policies.js';
import type { Verdict } from '../../src/store/review-cases.js';
import { claimCase, decideCase } from '../../src/store/review-queue.js';
import type { Store } from '../../src/store/store.js';
import { CALIBRATED, madeUpEmbedder, signedAt } from './made-up-embedder.js';
import { newReference } from './new-reference.js';

export const AT = new Date('2026-03-29T01:59:59.123Z');
export const minutes = (count: number) => new Date(AT.getTime() + 60_000 * count);
export const by = (actor: string, at = AT) => ({ at, actor });

/** @param degrees - where the references lie on the unit circle */
export function enrolAt(
  store: Store,
  externalRef: string,
  degrees: readonly number[] = [0, 10, 20],
  more: Partial<NewWriter> = {},
): Promise<EnrolmentOutcome> {
  const references = degrees.map((at) => newReference(at));
  const writer = { externalRef, name: null, expiresAt: null, ...more };
  const model = { ...CALIBRATED, dimension: 4 };
  return store.database.transaction((tx) => createWriter(tx, store.keys, writer, references, model, by('clerk')));
}

/** Without a policy FAR and FRR of 5 %: of references at 0, 10 and 20 degrees 12 is accepted, 40 under review, 90 rejected. */
export async function decideAt(
  store: Store,
  writer: string,
  degrees: number,
  { at = AT, policy, image = signedAt(degrees) }: { at?: Date; policy?: string; image?: Buffer } = {},
): Promise<DocumentDecision['signatures'][number] & { readonly image: Buffer }> {
  const decider = createDecider(store, madeUpEmbedder(CALIBRATED), { operatingPoint: { far: 0.05, frr: 0.05 } });
  const { signatures } = await decider.decide({ signatures: [{ writer, image }], policy }, by('teller', at));
  return { ...signatures[0]!, image };
}

/** A policy of this one band, active from `AT` on. */
export async function usePolicy(store: Store, name: string, band: Partial<Policy['bands'][number]>): Promise<void> {
  const bands = [{ far: 0.05, frr: 0.05, ...band }];
  const document = policySchema.parse({ schema: 'countersign/policy@1', name, title: 'Of a test', bands });
  const { version } = await addPolicy(store, document, by('ada'));
  await activatePolicy(store, { name, version }, CALIBRATED, AT, by('ada'));
}

/** One person claims the case and says a verdict on it. */
export async function review(store: Store, caseId: string, actor: string, verdict: Verdict, at = AT): Promise<void> {
  await claimCase(store, caseId, new Date(at.getTime() + 60_000), by(actor, at));
  await decideCase(store, caseId, { verdict, reason: `${actor} looked` }, by(actor, at));
}
