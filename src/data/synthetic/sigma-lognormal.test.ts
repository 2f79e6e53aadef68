import { describe, expect, it } from 'vitest';
import { Rng } from '../../core/rng.js';
import { lognormalDensity, lognormalProgress } from './lognormal.js';
import { planStrokes } from './motor.js';
import { type Stroke, samplePath, strokeOffset } from './sigma-lognormal.js';

const habits = { strokeSeconds: 0.2, pace: 0.5, sigma: 0.2, timingNoise: 0.05, hesitation: 0 };
const targets = [
  { x: 0, y: 0, bend: 0 },
  { x: 1, y: 2, bend: 0.8 },
  { x: 1.5, y: 0, bend: -1.2 },
  { x: 3, y: 0.3, bend: 0 },
];

describe('sigma-lognormal path', () => {
  it('equals the velocities summed as vectors, integrated step by step', () => {
    const { strokes, endTime } = planStrokes(targets, habits, new Rng(1));
    const path = samplePath(strokes, targets[0]!, 0, endTime);
    const dt = 2e-5;
    let [x, y] = [0, 0];
    const until = (path.x.length - 1) / 200;
    // Strokes may have been commanded before time 0; what they have done by then is where the sum starts.
    const from = Math.min(...strokes.map((stroke) => stroke.t0));
    for (let t = from; t < until; t += dt) {
      for (const s of strokes) {
        const at = t + dt / 2;
        const phi = s.thetaStart + (s.thetaEnd - s.thetaStart) * lognormalProgress(at, s.t0, s.mu, s.sigma);
        const speed = s.D * lognormalDensity(at, s.t0, s.mu, s.sigma);
        x += speed * Math.cos(phi) * dt;
        y += speed * Math.sin(phi) * dt;
      }
    }
    expect(path.x.at(-1)).toBeCloseTo(x, 2);
    expect(path.y.at(-1)).toBeCloseTo(y, 2);
  });

  it('reaches the last target however the strokes bend and overlap', () => {
    const { strokes, endTime } = planStrokes(targets, habits, new Rng(2));
    const path = samplePath(strokes, targets[0]!, 0, endTime + 1);
    expect(path.x.at(-1)).toBeCloseTo(3, 5);
    expect(path.y.at(-1)).toBeCloseTo(0.3, 5);
  });

  it('draws a quarter of a circle for a bend of 90 degrees', () => {
    const stroke: Stroke = { D: Math.PI / 2, t0: 0, mu: -1, sigma: 0.2, thetaStart: 0, thetaEnd: Math.PI / 2 };
    expect(strokeOffset(stroke, 1).x).toBeCloseTo(1, 12);
    expect(strokeOffset(stroke, 1).y).toBeCloseTo(1, 12);
    const half = strokeOffset(stroke, 0.5);
    expect(half.x).toBeCloseTo(Math.SQRT1_2, 12);
    expect(half.y).toBeCloseTo(1 - Math.SQRT1_2, 12);
  });

  it('starts each stroke before the one before has ended: fluent', () => {
    const { strokes } = planStrokes(targets, habits, new Rng(3));
    expect(strokes).toHaveLength(3);
    for (let i = 1; i < strokes.length; i++) {
      const before = strokes[i - 1]!;
      expect(strokes[i]!.t0).toBeLessThan(before.t0 + Math.exp(before.mu + 3 * before.sigma));
    }
  });
});
