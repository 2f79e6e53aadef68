import type { Rng } from '../../core/rng.js';
import type { ScriptStyle } from './style.js';

/** From x-heights to millimetres: x' = X (x + y tan(slant)) aspect, y' = X y, then a turn. Angles in radians. */
export interface Frame {
  readonly xHeightMm: number;
  readonly aspect: number;
  readonly slant: number;
  readonly rotation: number;
}

/** The frame a writer has in mind. */
export function plannedFrame(style: ScriptStyle): Frame {
  return { xHeightMm: style.xHeightMm, aspect: style.aspect, slant: style.slant, rotation: 0 };
}

/** The frame as it comes out. */
export function jitterFrame(frame: Frame, amount: number, rng: Rng): Frame {
  return {
    xHeightMm: frame.xHeightMm * Math.exp(rng.normal(0, 0.05 * amount)),
    aspect: frame.aspect * Math.exp(rng.normal(0, 0.035 * amount)),
    slant: frame.slant + rng.normal(0, 0.035 * amount),
    rotation: frame.rotation + rng.normal(0, 0.03 * amount),
  };
}

/** Changes the points [n] in place. */
export function applyFrame(frame: Frame, x: Float64Array, y: Float64Array): void {
  const shear = Math.tan(frame.slant);
  const [cos, sin] = [Math.cos(frame.rotation), Math.sin(frame.rotation)];
  for (let i = 0; i < x.length; i++) {
    const u = frame.xHeightMm * frame.aspect * (x[i]! + shear * y[i]!);
    const v = frame.xHeightMm * y[i]!;
    x[i] = cos * u - sin * v;
    y[i] = sin * u + cos * v;
  }
}
