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
  /** How much of the letters' structure is the writer's own: 0 nothing, 0.4 a little of most letters. */
  readonly invention: number;
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
  const fallsBack = others.fork('structure').chance(share / 2);
  const form = allograph(parse(model), habits.invention, (fallsBack ? others : own).fork('allograph'));
  return form.map((component) =>
    component.map(({ x, y, bend }) => {
      const stretched = y > 1 ? 1 + (y - 1) * habits.ascender : y < 0 ? y * habits.descender : y;
      return {
        x: x * habits.width + deviation(habits.individuality),
        y: stretched + deviation(habits.individuality * 0.8),
        bend: bend * habits.roundness + deviation(60 * habits.individuality) * DEGREE,
      };
    }),
  );
}

const DEGREE = Math.PI / 180;

function parse(model: string): Letter {
  return model.split('/').map((component) =>
    component.split(',').map((text) => {
      const [x = 0, y = 0, bend = 0] = text.trim().split(' ').map(Number);
      return { x: x / 100, y: y / 100, bend: bend * DEGREE };
    }),
  );
}

/** Odds of what parts a writer's letter from the school's, as shares of `invention`: of a whole letter, then of each stroke. */
const INVENTED = 0.4;
const [LEFT_OUT, TURNED, LOOPED] = [1 / 2, 1 / 3, 1 / 4];
/** What a loop adds to the bend of a stroke, radians. */
const LOOP = 2;

/** A letter's structure as one writer has settled on it: strokes left out, turned the other way or looped, or a sign of the writer's own. */
function allograph(letter: Letter, invention: number, rng: Rng): Letter {
  if (rng.chance(invention * INVENTED)) return letter.map((component) => inventComponent(component, rng));
  return letter.map((component) => {
    const last = component.length - 1;
    return component
      .filter((_, i) => i === 0 || i === last || !rng.chance(invention * LEFT_OUT))
      .map((target, i) => {
        if (i === 0) return target;
        if (rng.chance(invention * TURNED)) return { ...target, bend: -target.bend };
        return rng.chance(invention * LOOPED) ? { ...target, bend: target.bend + rng.pick([-LOOP, LOOP]) } : target;
      });
  });
}

/** Other strokes between the same ends, within the same box. */
function inventComponent(component: readonly Target[], rng: Rng): Target[] {
  const [first, last] = [component[0]!, component.at(-1)!];
  const xs = component.map(({ x }) => x);
  const ys = component.map(({ y }) => y);
  const within = (values: readonly number[]) => rng.uniform(Math.min(...values), Math.max(...values));
  const inner = Array.from({ length: Math.min(component.length, 1 + rng.int(4)) }, () => ({
    x: within(xs),
    y: rng.chance(0.6) ? rng.pick(ys) : within(ys),
    bend: rng.normal(0, 1.2),
  }));
  return [first, ...inner, { ...last, bend: rng.normal(0, 0.8) }];
}
