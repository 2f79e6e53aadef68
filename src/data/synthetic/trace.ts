/**
 * A signature as the pen tip makes it: position and pressure over time, in millimetres, before any ink.
 *
 * Pressure is relative and does not know the pen: it falls with speed, rises on downstrokes and over the ends of each
 * component. Its mean along the path is scaled to 1 in every signature, so that slow writers, and slow forgers, do not
 * get thicker or darker lines on the whole: what differs is the PATTERN, as between people who share a pen.
 *
 *     p = (1 + press * down) * 1.3 / (1 + 0.3 v / mean(v)) * ramp(t),   integral of p ds = integral of ds
 */
import type { Rng } from '../../core/rng.js';
import type { ActionPlan } from './action-plan.js';
import { applyFrame, type Frame } from './frame.js';
import { type MotorHabits, planStrokes } from './motor.js';
import { tremor } from './noise.js';
import { SAMPLE_RATE_HZ, samplePath } from './sigma-lognormal.js';

/** One component as written, [n] float64 each. */
export interface TraceComponent {
  /** Millimetres, y upwards. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Relative pressure, mean 1 along the whole signature. */
  readonly pressure: Float64Array;
}

export type Trace = readonly TraceComponent[];

/** What the hand adds to the plan. */
export interface Hand {
  readonly motor: MotorHabits;
  readonly tremorMm: number;
  readonly downstrokePressure: number;
  readonly attackSeconds: number;
  readonly releaseSeconds: number;
}

export function trace(plan: ActionPlan, frame: Frame, hand: Hand, rng: Rng): Trace {
  const components = plan.map((component) => {
    const { strokes, endTime } = planStrokes(component.targets, hand.motor, rng);
    // The pen lands when the first stroke is under way, and leaves before the last one has died down.
    const path = samplePath(
      strokes,
      component.targets[0]!,
      0.12 * hand.motor.strokeSeconds,
      endTime - 0.18 * hand.motor.strokeSeconds,
    );
    applyFrame(frame, path.x, path.y);
    if (hand.tremorMm > 0) {
      add(path.x, tremor(path.x.length, hand.tremorMm, rng));
      add(path.y, tremor(path.y.length, hand.tremorMm, rng));
    }
    return path;
  });
  const meanStep = mean(components.flatMap(({ x, y }) => [...steps(x, y).subarray(1)]));
  const pressed = components.map(({ x, y }) => ({ x, y, pressure: pressure(x, y, meanStep, hand) }));
  normalisePressure(pressed);
  return pressed;
}

/** The box around a trace, millimetres. */
export function traceBounds(trace: Trace): { left: number; right: number; bottom: number; top: number } {
  const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (const { x, y } of trace) {
    for (let i = 0; i < x.length; i++) {
      box.left = Math.min(box.left, x[i]!);
      box.right = Math.max(box.right, x[i]!);
      box.bottom = Math.min(box.bottom, y[i]!);
      box.top = Math.max(box.top, y[i]!);
    }
  }
  return box;
}

function pressure(x: Float64Array, y: Float64Array, meanStep: number, hand: Hand): Float64Array {
  const n = x.length;
  const step = steps(x, y);
  const out = new Float64Array(n);
  let smooth = 1;
  for (let i = 0; i < n; i++) {
    const down = Math.max(0, (y[Math.max(0, i - 1)]! - y[i]!) / (step[i]! + 1e-6));
    const target = ((1 + hand.downstrokePressure * down) * 1.3) / (1 + (0.3 * step[i]!) / meanStep);
    smooth = i === 0 ? target : 0.75 * smooth + 0.25 * target;
    const attack = Math.min(1, (i + 1) / (hand.attackSeconds * SAMPLE_RATE_HZ));
    const release = Math.min(1, (n - i) / (hand.releaseSeconds * SAMPLE_RATE_HZ));
    out[i] = smooth * (0.35 + 0.65 * attack) * (0.35 + 0.65 * release);
  }
  return out;
}

function normalisePressure(components: Trace): void {
  let length = 0;
  let weighted = 0;
  for (const { x, y, pressure } of components) {
    const step = steps(x, y);
    for (let i = 1; i < x.length; i++) {
      length += step[i]!;
      weighted += step[i]! * pressure[i]!;
    }
  }
  for (const { pressure } of components) for (let i = 0; i < pressure.length; i++) pressure[i]! *= length / weighted;
}

/** Distance from the sample before, [n]; the first repeats the second. */
function steps(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 1; i < x.length; i++) out[i] = Math.hypot(x[i]! - x[i - 1]!, y[i]! - y[i - 1]!);
  out[0] = out[1] ?? 0;
  return out;
}

function add(into: Float64Array, what: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += what[i]!;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
