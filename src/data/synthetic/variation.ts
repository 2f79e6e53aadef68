/**
 * How a plan comes out differently each time. Displacements are slow along the line (a hand that is high stays high for
 * a while) with a little that is independent, and grow with the size of the movement: a long flourish varies more, in
 * millimetres, than a small letter.
 */
import type { Rng } from '../../core/rng.js';
import { type ActionPlan, type ComponentRole, type PlanComponent, planBounds, type Target } from './action-plan.js';
import { correlatedNoise } from './noise.js';

/** Standard deviations; lengths are relative to the movement's size, or in x-heights. */
export interface PlanNoise {
  /** Slow displacement of targets, relative. */
  readonly slow: number;
  /** Independent displacement of targets, relative. */
  readonly fast: number;
  /** Relative change of bends, and half that in radians besides. */
  readonly bend: number;
  /** Shift of a whole component, x-heights; less for what is smaller than a letter. */
  readonly shift: number;
  /** Log of a component's size about its centre. */
  readonly size: number;
  /** Relative change of the advance along the line, slow. */
  readonly stretch: number;
}

/** Probabilities in one attempt of an ordinary writer. */
const STRUCTURE = { dotForgotten: 0.06, turnCutShort: 0.015, penNotLifted: 0.08, penLifted: 0.06 } as const;
/** The fewest targets of a line that the pen may be lifted within. */
const LIFTED_WITHIN = 6;

/**
 * What is left out, joined or parted in one attempt: a dot that is forgotten, a turn that is cut short, a pen that is
 * lifted where it mostly is not, or the reverse.
 *
 * @param amount - factor on all probabilities; 0 leaves the plan as it is
 */
export function varyStructure(plan: ActionPlan, amount: number, rng: Rng): ActionPlan {
  const happens = (what: keyof typeof STRUCTURE) => rng.chance(Math.min(0.5, STRUCTURE[what] * amount));
  const out: PlanComponent[] = [];
  for (const component of plan) {
    if (component.role === 'mark') {
      if (!happens('dotForgotten')) out.push(component);
      continue;
    }
    const last = component.targets.length - 1;
    const targets = component.targets.filter((_, i) => i === 0 || i === last || !happens('turnCutShort'));
    const isText = component.role === 'text';
    const before = out.at(-1);
    if (isText && before?.role === 'text' && isNear(before, targets[0]!) && happens('penNotLifted')) {
      out[out.length - 1] = { ...before, targets: [...before.targets, ...targets] };
    } else if (isText && targets.length >= LIFTED_WITHIN && happens('penLifted')) {
      const cut = 2 + rng.int(targets.length - 4);
      out.push({ ...component, targets: targets.slice(0, cut + 1) });
      out.push({ ...component, targets: [{ ...targets[cut]!, bend: 0 }, ...targets.slice(cut + 1)] });
    } else out.push({ ...component, targets });
  }
  return out.length > 0 ? out : plan; // a plan of dots alone
}

/** Whether the pen, at the end of a component, is within an x-height of where it goes on. */
function isNear({ targets }: PlanComponent, next: Target): boolean {
  const from = targets.at(-1)!;
  return Math.hypot(from.x - next.x, from.y - next.y) < 1;
}

/** What genuine signatures of an ordinary writer show. */
export const GENUINE_NOISE: PlanNoise = {
  slow: 0.045,
  fast: 0.022,
  bend: 0.07,
  shift: 0.06,
  size: 0.035,
  stretch: 0.05,
};

const ROLE_FACTOR: Readonly<Record<ComponentRole, number>> = { capital: 1, text: 1, mark: 1.8, flourish: 1.6 };

/** @param amount - factor on all of `noise`; 1 leaves it as it is */
export function perturbPlan(plan: ActionPlan, noise: PlanNoise, amount: number, rng: Rng): ActionPlan {
  const total = plan.reduce((sum, component) => sum + component.targets.length, 0);
  const stretch = correlatedNoise(total, 0.9, rng);
  let advance = 0;
  let seen = 0;
  let pen = plan[0]?.targets[0]?.x ?? 0;
  return plan.map((component) => {
    const shifted = perturbComponent(component, noise, amount * ROLE_FACTOR[component.role], rng);
    const targets = shifted.targets.map((target, i) => {
      const planned = component.targets[i]!.x;
      advance += (planned - pen) * noise.stretch * amount * stretch[seen++]!;
      pen = planned;
      return { ...target, x: target.x + advance };
    });
    return { ...component, targets };
  });
}

function perturbComponent(component: PlanComponent, noise: PlanNoise, amount: number, rng: Rng): PlanComponent {
  const { targets } = component;
  const n = targets.length;
  const [slowX, slowY] = [correlatedNoise(n, 0.8, rng), correlatedNoise(n, 0.8, rng)];
  const shift = noise.shift * amount * Math.min(1, Math.max(0.4, 0.4 * extent(targets)));
  const [shiftX, shiftY] = [rng.normal(0, shift), rng.normal(0, shift)];
  const scale = Math.exp(rng.normal(0, noise.size * amount));
  const centre = { x: mean(targets, 'x'), y: mean(targets, 'y') };
  return {
    ...component,
    targets: targets.map((target, i) => {
      const size = movementSize(targets, i) * amount;
      return {
        x:
          centre.x +
          (target.x - centre.x) * scale +
          shiftX +
          size * (noise.slow * slowX[i]! + noise.fast * rng.normal()),
        y:
          centre.y +
          (target.y - centre.y) * scale +
          shiftY +
          size * (noise.slow * slowY[i]! + noise.fast * rng.normal()),
        bend: target.bend * (1 + noise.bend * amount * rng.normal()) + 0.5 * noise.bend * amount * rng.normal(),
      };
    }),
  };
}

/** Mean length of the strokes that meet at target i, in x-heights, within 0.3 .. 3. */
export function movementSize(targets: readonly Target[], i: number): number {
  const chord = (a: Target | undefined, b: Target | undefined) =>
    a && b ? Math.hypot(a.x - b.x, a.y - b.y) : undefined;
  const before = chord(targets[i - 1], targets[i]);
  const after = chord(targets[i], targets[i + 1]);
  const size = ((before ?? after ?? 0) + (after ?? before ?? 0)) / 2;
  return Math.min(3, Math.max(0.3, size));
}

/** Width of the targets' box, or its height where that is more. */
function extent(targets: readonly Target[]): number {
  const box = planBounds([{ role: 'text', targets }]);
  return Math.max(box.right - box.left, box.top - box.bottom);
}

function mean(targets: readonly Target[], axis: 'x' | 'y'): number {
  return targets.reduce((sum, target) => sum + target[axis], 0) / targets.length;
}
