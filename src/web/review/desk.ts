/**
 * The desk of a person who reviews: the case at hand and the next one, both claimed, with their pictures on the way. Cases
 * that are not decided are given back when the desk is left.
 */
import { signal } from '@preact/signals';
import type { AnswerOf, BodyInput } from '../../api/schemas.js';
import { ask, newIdempotencyKey } from '../state/service.js';
import { troubleOf } from '../state/trouble.js';
import { referenceFile, shown } from '../writers/reference-image.js';

export type ReviewCase = AnswerOf<'getCase'>;
export type Verdict = BodyInput<'decideCase'>['verdict'];

export interface CaseOnDesk {
  readonly reviewed: ReviewCase;
  readonly questioned: Promise<Blob>;
  /** Asks anew where they could not be had before. */
  readonly references: () => Promise<readonly ShownReference[]>;
  /** How many references the network compared with. */
  readonly comparedWith: Promise<number>;
}

export interface ShownReference {
  readonly id: string;
  /** As on the page of its writer, from 1. */
  readonly number: number;
  readonly image: Promise<Blob>;
}

export const current = signal<CaseOnDesk | undefined>(undefined);
export const next = signal<CaseOnDesk | undefined>(undefined);
/** Cases that wait for a person, as of the last look; null before it. */
export const waiting = signal<number | null>(null);
export const looking = signal(false);
export const failure = signal<unknown>(undefined);

let open = false;

/** Takes the oldest case and the one behind it. */
export async function openDesk(): Promise<void> {
  open = true;
  await fill();
}

/** Gives back what was not decided. */
export function closeDesk(): void {
  open = false;
  for (const held of [current.value, next.value]) {
    if (held && held.reviewed.id !== deciding) void release(held.reviewed.id).catch(() => undefined); // the claim runs out by itself
  }
  current.value = undefined;
  next.value = undefined;
  passedOver.clear();
}

/** Says a verdict on the case at hand; the next one takes its place at once. @returns the case as it is then */
export async function decide(verdict: Verdict, reason: string): Promise<ReviewCase> {
  const { id } = current.value!.reviewed;
  const idempotencyKey = newIdempotencyKey();
  const say = () =>
    ask((service) => service.decideCase({ params: { case: id }, body: { verdict, reason } }, { idempotencyKey }));
  deciding = id;
  try {
    // A claim that has run out is taken again; a case that is another's by now can be given back.
    const decided = await say().catch(async (error) => {
      if (!isNotAvailable(error)) throw error;
      await ask((service) => service.claimCase({ body: { case: id } }));
      return say();
    });
    advanceFrom(id);
    return decided;
  } finally {
    deciding = undefined;
  }
}

/** The case that a verdict is on its way for: it is not given back when the desk is left. */
let deciding: string | undefined;

const isNotAvailable = (error: unknown) => troubleOf(error).code === 'CASE_NOT_AVAILABLE';

/** Gives the case at hand back to the queue, for somebody else. */
export async function giveBack(): Promise<void> {
  const { id } = current.value!.reviewed;
  await release(id).catch((error) => {
    if (!isNotAvailable(error)) throw error; // it is another's by now, or decided
  });
  passedOver.add(id);
  advanceFrom(id);
}

/** Given back by this person in this sitting: not taken again until the desk is opened anew. */
const passedOver = new Set<string>();

function advanceFrom(id: string): void {
  if (current.value?.reviewed.id !== id) return; // the desk was left meanwhile
  current.value = next.value;
  next.value = undefined;
  void fill();
}

let filling = Promise.resolve();

/** One after the other: two that looked at once would claim the same case. */
function fill(): Promise<void> {
  filling = filling.then(takeCases);
  return filling;
}

async function takeCases(): Promise<void> {
  looking.value = true;
  failure.value = undefined;
  try {
    while (open && next.value === undefined) {
      const claimed = await claimOne();
      if (claimed === undefined) break;
      if (!open) return void release(claimed.id);
      if (current.value === undefined) current.value = putOnDesk(claimed);
      else next.value = putOnDesk(claimed);
    }
  } catch (error) {
    failure.value = error;
  } finally {
    looking.value = false;
  }
}

/** The oldest case that is not on the desk and that this person may take. */
async function claimOne(): Promise<ReviewCase | undefined> {
  const held = [current.value?.reviewed.id, ...passedOver];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: 100, ...(cursor !== null && { cursor }) };
    const { items, nextCursor }: AnswerOf<'listCases'> = await ask((service) => service.listCases({ query }));
    if (cursor === null) waiting.value = items.length; // of the first page
    for (const { id } of items.filter((one) => !held.includes(one.id))) {
      try {
        return await ask((service) => service.claimCase({ body: { case: id } }));
      } catch (error) {
        if (!isNotAvailable(error)) throw error;
      }
    }
    cursor = nextCursor;
  } while (cursor !== null);
  return undefined;
}

function release(id: string): Promise<unknown> {
  return ask((service) => service.releaseCase({ params: { case: id } }));
}

function putOnDesk(reviewed: ReviewCase): CaseOnDesk {
  const { signal: wanted } = new AbortController();
  const image = ask((service) => service.caseImage({ params: { case: reviewed.id } }));
  return {
    reviewed,
    questioned: handled(image.then((file) => shown(file, wanted))),
    references: askedOnce(() => referencesOf(reviewed.writer, wanted)),
    comparedWith: handled(comparedWith(reviewed.network.decisionId)),
  };
}

async function comparedWith(decision: string): Promise<number> {
  const { distances } = await ask((service) => service.getDecision({ params: { decision } }));
  return Object.keys(distances).length;
}

async function referencesOf(number: string, wanted: AbortSignal): Promise<ShownReference[]> {
  const writer = await ask((service) => service.getWriter({ params: { writer: number } }));
  return writer.references
    .map(({ id, state }, i) => ({ id, state, number: i + 1 }))
    .filter(({ state }) => state === 'enrolled')
    .map(({ id, number: place }) => ({ id, number: place, image: handled(referenceFile(number, id, wanted)) }));
}

/** On its way at once, and again for whoever asks after it has failed. */
function askedOnce<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  const get = () => {
    asked ??= ask().catch((error) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
  get().catch(() => undefined);
  return get;
}

/** What fails before anybody looks at it is told when they do. */
function handled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}
