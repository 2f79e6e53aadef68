/** The two verbs of the synthetic signer: to sign as oneself, and to forge. */
import type { Rng } from '../../core/rng.js';
import type { GreyImage } from '../../image/types.js';
import { jitterFrame, plannedFrame } from './frame.js';
import { drawMaterial } from './pen.js';
import { render } from './render.js';
import { type Trace, trace } from './trace.js';
import { GENUINE_NOISE, perturbPlan, varyStructure } from './variation.js';
import type { Writer } from './writer.js';

/**
 * A genuine signature on fresh paper.
 *
 * @param rng - decides how it comes out, with what pen; the same state gives the same image
 * @returns [H, W] uint8, 0 = black, 255 = white
 * @example
 * const image = signGenuine(createWriter(new Rng(1), 1), new Rng('monday'))
 */
export function signGenuine(writer: Writer, rng: Rng): GreyImage {
  return render(genuineTrace(writer, rng.fork('hand')), drawMaterial(rng.fork('material')), rng.fork('ink'));
}

/**
 * A skilled forgery of the writer's signature, by one of the writer's few forgers.
 *
 * @returns [H, W] uint8, 0 = black, 255 = white
 */
export function forge(writer: Writer, rng: Rng): GreyImage {
  return render(forgedTrace(writer, rng.fork('hand')), drawMaterial(rng.fork('material')), rng.fork('ink'));
}

/** Standard deviation of the log of a writer's pace from one signature to the next: in haste corners are cut. */
const HASTE = 0.12;
/** Strokes that hardly overlap any more: stop and go. */
const SLOWEST_PACE = 0.75;

/** The pen's movement of a genuine signature. */
export function genuineTrace(writer: Writer, rng: Rng): Trace {
  const { plan, style } = writer;
  const { variability } = style;
  const varied = varyStructure(plan, variability, rng.fork('structure'));
  const attempt = perturbPlan(varied, GENUINE_NOISE, variability, rng.fork('plan'));
  const frame = jitterFrame(plannedFrame(style), variability, rng.fork('frame'));
  const haste = Math.exp(rng.fork('haste').normal(0, HASTE * variability));
  const motor = {
    ...style.motor,
    pace: Math.min(SLOWEST_PACE, style.motor.pace * haste),
    timingNoise: 0.06 * variability,
  };
  return trace(attempt, frame, { ...style, motor }, rng.fork('motor'));
}

/** The pen's movement of a forgery: one attempt by one of the writer's forgers. */
export function forgedTrace(writer: Writer, rng: Rng): Trace {
  const { plan, frame, hand } = rng.fork('forger').pick(writer.imitations);
  const varied = varyStructure(plan, FORGER_VARIABILITY, rng.fork('structure'));
  const attempt = perturbPlan(varied, GENUINE_NOISE, FORGER_VARIABILITY, rng.fork('plan'));
  return trace(attempt, jitterFrame(frame, FORGER_VARIABILITY, rng.fork('frame')), hand, rng.fork('motor'));
}

/** An imitator's attempts differ among themselves about as much as an ordinary writer's signatures. */
const FORGER_VARIABILITY = 1.1;
