/**
 * Imitators. A forger sees the signature and aims at the same targets, but has not learnt the movement: the
 * proportions are wrong, a little or by much, in a way that is the forger's own; letters, gaps and joins are in part those of the
 * forger's own hand; the line is drawn more slowly, in more and smaller movements, with hesitations and tremor, and ends
 * bluntly. Some trade likeness for fluency, some the reverse.
 */
import type { Rng } from '../../core/rng.js';
import type { ActionPlan, PlanComponent, Target } from './action-plan.js';
import { type Frame, plannedFrame } from './frame.js';
import type { MotorHabits } from './motor.js';
import { drawStyle, mixStyles, type ScriptStyle } from './style.js';
import { type Hand, trace, traceBounds } from './trace.js';
import { movementSize, type PlanNoise, perturbPlan } from './variation.js';

/** What a forger brings along. */
export interface Forger {
  /** What the forger got wrong once and repeats: the stream that the persistent errors are drawn from. */
  readonly misreading: Rng;
  /** 0 careful and slow (good shape, poor line) to 1 fluent and free (good line, poor shape). */
  readonly freedom: number;
  /** Factor on all errors of proportion, position and slant: 0.5 for a gifted forger, 2.6 for a hasty one. */
  readonly carelessness: number;
  /** The forger's own hand, and how much of it shows in spacing, heights, joins and letters: 0 none, 1 only it. */
  readonly ownHand: ScriptStyle;
  readonly ownShare: number;
  /** Factor on every duration. */
  readonly slowness: number;
  readonly tremorMm: number;
  readonly hesitation: number;
  /** Probability that a long movement is made in two. */
  readonly splitting: number;
  /** Wrong proportions: factors on size and aspect; added slant and its drift. */
  readonly sizeFactor: number;
  readonly aspectFactor: number;
  readonly slantError: number;
  readonly slantDrift: number;
  /** Own habits that shine through: pressure on downstrokes, ends. */
  readonly downstrokePressure: number;
  readonly attackSeconds: number;
  readonly releaseSeconds: number;
}

/** Beyond this factor a plan is no imitation any more. */
const LARGEST_MISREADING = 2.5;
const LARGEST_OWN_SHARE = 0.7;

export function drawForger(rng: Rng): Forger {
  const freedom = rng.uniform();
  const carelessness = Math.exp(rng.uniform(Math.log(0.5), Math.log(2.6)));
  return {
    misreading: rng.fork('misreading'),
    freedom,
    carelessness,
    ownHand: drawStyle(rng.fork('hand')),
    ownShare: Math.min(LARGEST_OWN_SHARE, rng.uniform(0, 0.3) * carelessness),
    slowness: 1.15 + (1 - freedom) * rng.uniform(0.3, 1.3),
    tremorMm: 0.01 + (1 - freedom) * rng.uniform(0.015, 0.06),
    hesitation: (1 - freedom) * rng.uniform(0.01, 0.1),
    splitting: (1 - freedom) * rng.uniform(0.1, 0.6),
    sizeFactor: Math.exp(rng.normal(0, 0.08 * carelessness)),
    aspectFactor: Math.exp(rng.normal(0, 0.07 * carelessness)),
    slantError: rng.normal(0, 0.09 * carelessness),
    slantDrift: rng.normal(0, 0.012 * carelessness),
    downstrokePressure: rng.uniform(0, 0.3),
    attackSeconds: rng.uniform(0.005, 0.03),
    releaseSeconds: rng.uniform(0.005, 0.04),
  };
}

/** A plan as this forger has understood it: the same in all of the forger's attempts. */
function misreadPlan(plan: ActionPlan, forger: Forger): ActionPlan {
  const amount = Math.min(LARGEST_MISREADING, (0.7 + 0.8 * forger.freedom) * forger.carelessness);
  const error: PlanNoise = { slow: 0.09, fast: 0.03, bend: 0.15, shift: 0.09, size: 0.06, stretch: 0.08 };
  const rng = forger.misreading.fork('plan');
  const split = forger.misreading.fork('split');
  return perturbPlan(plan, error, amount, rng).map((component) =>
    driftSlant(splitMovements(component, forger.splitting, split), forger.slantDrift),
  );
}

/**
 * The frame that makes the imitation as wide and as high as the original, but for the forger's own error: who stops at
 * every target instead of cutting corners would otherwise write larger, and size alone would tell a forgery.
 */
function forgedFrame(style: ScriptStyle, plan: ActionPlan, misread: ActionPlan, forger: Forger): Frame {
  const frame = plannedFrame(style);
  const steady = { timingNoise: 0, hesitation: 0 };
  const size = (of: ActionPlan, hand: Hand) => {
    const box = traceBounds(trace(of, frame, hand, forger.misreading));
    return { width: box.right - box.left, height: box.top - box.bottom };
  };
  const original = size(plan, { ...style, tremorMm: 0, motor: { ...style.motor, ...steady } });
  const motor = { ...forgedMotor(style, forger), ...steady };
  const imitation = size(misread, { ...forger, tremorMm: 0, motor });
  const higher = original.height / imitation.height;
  return {
    rotation: 0,
    xHeightMm: frame.xHeightMm * higher * forger.sizeFactor,
    aspect: ((frame.aspect * original.width) / imitation.width / higher) * forger.aspectFactor,
    slant: frame.slant + forger.slantError,
  };
}

/** A forger who has studied one writer's signature. */
export interface Imitation {
  readonly plan: ActionPlan;
  readonly frame: Frame;
  readonly hand: Hand;
}

/** @param rewrite - plans the writer's text in another style */
export function studySignature(
  style: ScriptStyle,
  plan: ActionPlan,
  rewrite: (style: ScriptStyle) => ActionPlan,
  forger: Forger,
): Imitation {
  const { ownHand, ownShare, misreading } = forger;
  const misread = misreadPlan(rewrite(mixStyles(style, ownHand, ownShare, misreading.fork('letters'))), forger);
  return {
    plan: misread,
    frame: forgedFrame(style, plan, misread, forger),
    // Small writing is made from the fingers, with the hand at rest: it trembles less.
    hand: {
      ...forger,
      tremorMm: forger.tremorMm * Math.min(1, style.xHeightMm / 3.2),
      motor: forgedMotor(style, forger),
    },
  };
}

function forgedMotor(style: ScriptStyle, forger: Forger): MotorHabits {
  const { strokeSeconds, pace, sigma } = style.motor;
  return {
    strokeSeconds: strokeSeconds * forger.slowness,
    pace: Math.min(0.85, pace + 0.04 + 0.16 * (1 - forger.freedom)),
    sigma,
    timingNoise: 0.12,
    hesitation: forger.hesitation,
  };
}

/**
 * A long or strongly bent movement made in two: the arc of angle B over the chord c passes its middle at the height
 * (c / 2) tan(B / 4) beside the chord, and each half turns through B / 2.
 */
function splitMovements(component: PlanComponent, probability: number, rng: Rng): PlanComponent {
  const targets: Target[] = component.targets.slice(0, 1);
  for (let i = 1; i < component.targets.length; i++) {
    const from = component.targets[i - 1]!;
    const to = component.targets[i]!;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    if (Math.hypot(dx, dy) > 0.6 && rng.chance(probability)) {
      const rise = -Math.tan(to.bend / 4) / 2;
      const size = movementSize(component.targets, i);
      targets.push({
        x: (from.x + to.x) / 2 - dy * rise + rng.normal(0, 0.02 * size),
        y: (from.y + to.y) / 2 + dx * rise + rng.normal(0, 0.02 * size),
        bend: to.bend / 2,
      });
      targets.push({ ...to, bend: to.bend / 2 });
    } else targets.push(to);
  }
  return { ...component, targets };
}

/** Slant that changes along the line: x += drift x y. */
function driftSlant(component: PlanComponent, drift: number): PlanComponent {
  return {
    ...component,
    targets: component.targets.map((target) => ({ ...target, x: target.x + drift * target.x * target.y })),
  };
}
