/** What is compared, and what came of it: whenever both sides are there it is compared, again after each change. */
import { batch, computed, effect, signal } from '@preact/signals';
import type { VerificationResult } from '../../verify/result.js';
import { forget, type Picture } from '../signature/picture.js';
import { announce } from '../state/announce.js';
import { isAbort } from '../state/trouble.js';
import { comparer } from './chosen-comparer.js';
import type { Comparer } from './comparer.js';
import { VERDICTS } from './verdicts.js';

export const references = signal<readonly Picture[]>([]);
export const questioned = signal<Picture | undefined>(undefined);

/** Of an example, for which it is known. */
export type Truth = 'genuine' | 'forged';

export const truth = signal<Truth | undefined>(undefined);

export interface Compared {
  readonly result: VerificationResult;
  readonly references: readonly Picture[];
  readonly questioned: Picture;
  readonly by: Comparer;
  readonly truth: Truth | undefined;
}

export const compared = signal<Compared | undefined>(undefined);
export const comparing = signal(false);
export const failure = signal<unknown>(undefined);
export const isEmpty = computed(() => references.value.length === 0 && questioned.value === undefined);

export function addReferences(pictures: readonly Picture[]): void {
  references.value = [...references.value, ...pictures];
}

export function removeReference(picture: Picture): void {
  references.value = references.value.filter((other) => other !== picture);
  forget(picture);
}

export function setQuestioned(picture: Picture | undefined): void {
  if (questioned.value) forget(questioned.value);
  batch(() => {
    questioned.value = picture;
    truth.value = undefined;
  });
}

export function replaceAll(pictures: readonly Picture[], one: Picture | undefined, known?: Truth): void {
  for (const picture of references.value) forget(picture);
  batch(() => {
    references.value = pictures;
    setQuestioned(one);
    truth.value = known;
  });
}

/** The questioned signature becomes a reference, and the only reference the questioned one. */
export function swap(): void {
  const [first] = references.value;
  if (first === undefined || references.value.length > 1 || questioned.value === undefined) return;
  batch(() => {
    references.value = [questioned.value!];
    questioned.value = first;
    truth.value = undefined;
  });
}

/** @returns what ends it */
export function startComparing(): () => void {
  return effect(() => {
    const [of, one, by] = [references.value, questioned.value, comparer.value];
    failure.value = undefined;
    if (of.length === 0 || one === undefined || by === undefined) {
      compared.value = undefined;
      comparing.value = false;
      return;
    }
    const known = truth.peek();
    const controller = new AbortController();
    comparing.value = true;
    by.compare(
      of.map(({ file }) => file),
      one.file,
      controller.signal,
    ).then(
      (result) => {
        if (controller.signal.aborted) return;
        compared.value = { result, references: of, questioned: one, by, truth: known };
        comparing.value = false;
        announce(`${VERDICTS[result.decision].word}. ${result.reason}`);
      },
      (error: unknown) => {
        if (controller.signal.aborted || isAbort(error)) return;
        compared.value = undefined;
        comparing.value = false;
        failure.value = error;
      },
    );
    return () => controller.abort();
  });
}
