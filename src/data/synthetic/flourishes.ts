/**
 * What is not a letter: the patterns a hasty name dissolves into, and the strokes that close a signature. Units as in
 * the action plan (x-height 1); angles in radians.
 */
import type { Rng } from '../../core/rng.js';
import type { PlanComponent, Target } from './action-plan.js';
import type { Flourish, Tail } from './style.js';

interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** One movement of each tail: targets as parts of its width and height, bends in radians. */
const MOVEMENTS: Readonly<Record<Tail, readonly (readonly [number, number, number])[]>> = {
  garland: [
    [0.35, 1, 0.3],
    [0.5, 0.06, 0.1],
    [0.85, 0.1, 1.4],
  ],
  arcade: [
    [0.2, 0.9, -0.3],
    [0.55, 0.95, -1.5],
    [0.7, 0.02, -0.1],
  ],
  zigzag: [
    [0.55, 1, 0.12],
    [0.75, 0, -0.05],
  ],
  loops: [
    [0.8, 0.6, 0.6],
    [0.5, 1.05, 2],
    [0.3, 0.4, 1],
    [0.6, 0, 1.3],
  ],
  wave: [
    [0.5, 0.5, -0.7],
    [1.1, 0.1, 0.8],
  ],
  slashes: [
    [0.9, 1.3, 0.25],
    [0.45, -0.35, 0.1],
    [0.75, 0.1, 1.8],
  ],
};
const TAILS = Object.keys(MOVEMENTS) as Tail[];

/**
 * A run of `count` movements to the right that fade, mostly of one kind: rhythm, with an occasional letter's remains.
 *
 * @param start - where the pen is
 * @param size - width and height of a movement, x-heights; `fading` is the part of the height left at the end
 */
export function tailTargets(
  kind: Tail,
  start: Target,
  count: number,
  size: { readonly width: number; readonly height: number; readonly fading: number },
  rng: Rng,
): Target[] {
  const out: Target[] = [];
  let x = start.x;
  for (let i = 0; i < count; i++) {
    const height = size.height * (1 + (size.fading - 1) * ((i + 1) / count)) * rng.uniform(0.55, 1.3);
    const step = size.width * Math.sqrt(size.height) * rng.uniform(0.6, 1.5);
    const bending = rng.uniform(0.7, 1.2);
    const lift = rng.normal(0, 0.06);
    for (const [fx, fy, bend] of MOVEMENTS[rng.chance(0.25) ? rng.pick(TAILS) : kind]) {
      out.push({ x: x + fx * step + rng.normal(0, 0.05), y: fy * height + lift, bend: bend * bending });
    }
    x += step;
  }
  return out;
}

/**
 * The closing stroke around or under what has been written.
 *
 * @param box - of the name, without long ascenders
 * @param last - where the pen was lifted, or is
 * @returns a component of its own, or targets that go on from `last`
 */
export function flourish(
  kind: Flourish,
  box: Box,
  last: Target,
  rng: Rng,
): { readonly continued: Target[]; readonly separate: PlanComponent[] } {
  const width = box.right - box.left;
  const at = (fx: number, y: number, bend: number): Target => ({ x: box.left + fx * width, y, bend });
  const below = box.bottom - rng.uniform(0.3, 0.9);
  const tilt = rng.uniform(-0.3, 0.6);
  const start = rng.uniform(-0.05, 0.25);
  const end = rng.uniform(0.85, 1.2);
  const bow = rng.uniform(-0.35, 0.35);
  const separate = (...targets: Target[]) => ({ continued: [], separate: [{ role: 'flourish' as const, targets }] });
  switch (kind) {
    case 'underline':
      return separate(at(start, below, 0), at(end, below + tilt, bow));
    case 'returnUnderline':
      return {
        continued: [
          { x: last.x + 0.25 * width, y: last.y + rng.uniform(0.2, 0.8), bend: 0.5 },
          at(0.55, below + 0.4, rng.uniform(1.6, 2.6)),
          at(start, below, rng.uniform(-0.3, 0.3)),
          at(start + 0.1, below - rng.uniform(0.3, 0.7), rng.uniform(2, 2.8)),
          at(end, below + tilt, rng.uniform(-0.1, 0.4)),
        ],
        separate: [],
      };
    case 'encircle': {
      const high = box.top + rng.uniform(0, 0.8);
      return {
        continued: [
          at(1.14, box.bottom + (high - box.bottom) * 0.6, 1),
          at(0.6, high, 1.1),
          at(-0.06, box.bottom + (high - box.bottom) * 0.55, 1.3),
          at(0.35, below, 1.1),
          at(rng.uniform(0.95, 1.3), below + 0.5 + tilt, 0.6),
        ],
        separate: [],
      };
    }
    case 'strike':
      return separate(at(start - 0.05, rng.uniform(0.1, 0.5), 0), at(end, rng.uniform(0.5, 1.1), bow * 0.6));
    case 'exitStroke':
      return {
        continued: [
          {
            x: last.x + width * rng.uniform(0.15, 0.5),
            y: last.y + rng.uniform(-0.6, 1.4),
            bend: rng.uniform(-0.8, 1),
          },
        ],
        separate: [],
      };
    case 'spiral': {
      const r = rng.uniform(0.6, 1.3);
      const turn = (dx: number, dy: number, bend: number): Target => ({ x: last.x + dx * r, y: last.y + dy * r, bend });
      return {
        continued: [
          turn(1, 0.9, 1),
          turn(0.1, 1.4, 1.4),
          turn(-0.9, 0.4, 1.4),
          turn(-0.2, -0.6, 1.4),
          turn(1.6, -0.3, 0.9),
        ],
        separate: [],
      };
    }
    default:
      return { continued: [], separate: [] };
  }
}
