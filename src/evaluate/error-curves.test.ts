import { describe, expect, it } from 'vitest';
import { readModelMetadata } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import { errorCurves } from './error-curves.js';
import { evidenceFor, thresholdForFar, thresholdForFrr } from './operating-points.js';

describe('errorCurves', async () => {
  const model = readModelMetadata(await readModelFile('models/countersign.onnx'));
  const curves = errorCurves(model.calibration!);

  it('has a curve for each number of references, from accepting next to nothing to accepting all', () => {
    expect(curves.map(({ references }) => references)).toEqual(model.calibration!.references.map(({ count }) => count));
    for (const { points } of curves) {
      expect(points.at(-1)).toMatchObject({ frr: { value: 0 }, farSkilled: { value: 1 }, farRandom: { value: 1 } });
      for (const [i, point] of points.slice(1).entries()) {
        expect(point.distance).toBeGreaterThan(points[i]!.distance);
        expect(point.farSkilled.value).toBeGreaterThanOrEqual(points[i]!.farSkilled.value);
        expect(point.frr.value).toBeLessThanOrEqual(points[i]!.frr.value);
      }
    }
  });

  it('counts as a naive loop over the evidence does', () => {
    const { evidence } = model.calibration!.references[0]!;
    const i = 30;
    let [genuine, all] = [0, 0];
    for (const writer of evidence.writers) {
      genuine += writer.genuine[i]!;
      all += writer.genuine.at(-1)!;
    }
    expect(curves[0]!.points[i]!.frr.value).toBeCloseTo(1 - genuine / all, 12);
  });

  it('has the intervals of the operating points', () => {
    const fit = evidenceFor(model, 3);
    const { points } = curves.find(({ references }) => references === fit.count)!;
    for (const kind of ['skilled', 'random'] as const) {
      const { threshold, expected } = thresholdForFar(fit, kind, 0.05);
      const point = points.find(({ distance }) => distance === threshold)!;
      expect(kind === 'skilled' ? point.farSkilled : point.farRandom).toEqual(expected);
    }
    const { threshold, expected } = thresholdForFrr(fit, 0.05);
    const { frr } = points.find(({ distance }) => distance === threshold)!;
    expect(frr.value).toBeCloseTo(expected.value, 12);
    expect(frr.interval.low).toBeCloseTo(expected.interval.low, 12);
    expect(frr.interval.high).toBeCloseTo(expected.interval.high, 12);
  });
});
