import { type ErrorCurve, errorCurves } from '../../evaluate/error-curves.js';
import type { CalibrationBlock } from '../../nn/calibration-metadata.js';

/** Runs in a worker: the intervals take a while. */
export default function drawCurves(calibration: CalibrationBlock): readonly ErrorCurve[] {
  return errorCurves(calibration);
}
