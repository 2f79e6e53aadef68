/**
 * Letters as one writer makes them: the school's letter, deformed once and for all (an allograph), so that the same
 * letter looks alike within a signature and different between writers.
 */
import type { Rng } from '../../core/rng.js';
import type { Target } from './action-plan.js';
import { CAPITALS, SMALL_LETTERS } from './glyphs.js';
import { HANGING_LETTERS } from './hanging-letters.js';

/** A letter: components of targets, in units of the x-height from its left edge on the baseline. */
export type Letter = readonly (readonly Target[])[];

/** How far a writer's letters are from the school's. */
export interface LetterHabits {
  /** Factor on every bend: below 1 angular, above 1 round. */
  readonly roundness: number;
  /** Factor on what rises above, and falls below, the small letters. */
  readonly ascender: number;
  readonly descender: number;
  /** Factor on widths. */
  readonly width: number;
  /** Standard deviation of the writer's own displacement of each target, in x-heights. */
  readonly individuality: number;
  /** Another writer whose letters these are in part: of an imitator, who falls back on the own ones. */
  readonly stranger?: { readonly rng: Rng; readonly share: number };
}

const MODELS: Readonly<Record<string, string>> = { ...HANGING_LETTERS, ...CAPITALS, ...SMALL_LETTERS };

/** @returns the writer's own form of `character`; `rng` must be the same for the same writer. */
export function ownLetter(character: string, habits: LetterHabits, rng: Rng): Letter {
  const model = MODELS[character];
  if (model === undefined) throw new RangeError(`no letter "${character}"`);
  const label = `letter ${character}`;
  const { share, rng: stranger } = habits.stranger ?? { share: 0, rng };
  const [own, others] = [rng.fork(label), stranger.fork(label)];
  const deviation = (size: number) => size * (Math.sqrt(1 - share ** 2) * own.normal() + share * others.normal());
  return model.split('/').map((component) =>
    component.split(',').map((text) => {
      const [x = 0, y = 0, bend = 0] = text.trim().split(' ').map(Number);
      const height = y / 100;
      const stretched =
        height > 1 ? 1 + (height - 1) * habits.ascender : height < 0 ? height * habits.descender : height;
      return {
        x: (x / 100) * habits.width + deviation(habits.individuality),
        y: stretched + deviation(habits.individuality * 0.8),
        bend: (bend * habits.roundness + deviation(60 * habits.individuality)) * (Math.PI / 180),
      };
    }),
  );
}
