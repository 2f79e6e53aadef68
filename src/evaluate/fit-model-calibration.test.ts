import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { fitModelCalibration } from './fit-model-calibration.js';
import { equalErrorThreshold } from './operating-points.js';
import type { EmbeddedSamples } from './pairs.js';

/** Writers in the plane, some steady and some varied; forgers stand as far off as the writer varies, and some more. */
function madeUp(writers: number, genuine: number): EmbeddedSamples {
  const rng = new Rng('steady and varied');
  const samples: EmbeddedSamples['samples'][number][] = [];
  const rows: number[] = [];
  for (let w = 0; w < writers; w++) {
    const centre = [rng.normal(0, 9), rng.normal(0, 9)] as const;
    const spread = w % 2 === 0 ? 0.1 : 0.6;
    for (let i = 0; i < genuine + 8; i++) {
      const kind = i < genuine ? 'genuine' : 'forged';
      rows.push(
        centre[0] + rng.normal(kind === 'genuine' ? 0 : spread + 0.5, spread),
        centre[1] + rng.normal(0, spread),
      );
      samples.push({ id: `set/${w}/${i}`, writer: `set/${w}`, identity: `set/${w}`, kind });
    }
  }
  return { samples, embeddings: Float32Array.from(rows), dimension: 2 };
}

describe('the calibration of a model', () => {
  it('fuses by energy, with a fit for each number of references that the writers can give', () => {
    const { calibration } = fitModelCalibration(madeUp(24, 8));
    expect(calibration.fusion).toBe('energy');
    expect(calibration.references.map(({ count }) => count)).toEqual([1, 2, 3, 5]);
    const thresholds = calibration.references.map(equalErrorThreshold);
    // From two on the expectation is one; a single reference has nothing to be held to.
    expect(thresholds[0]).toBeGreaterThan(1.3 * thresholds[1]!);
    expect(Math.abs(thresholds[3]! - thresholds[1]!)).toBeLessThan(0.3 * thresholds[1]!);
  });

  it('fuses by the mean, which keeps the scale of one distance, where no writer could give two references', () => {
    const { calibration } = fitModelCalibration(madeUp(8, 2));
    expect([calibration.fusion, calibration.references.length]).toEqual(['mean', 1]);
  });
});
