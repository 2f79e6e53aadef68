import type { EvaluationReport } from '../report.js';
import { CLASSES } from './panel.js';

/** Skilled and, where there are any, random forgeries: how they are drawn and what was measured. */
export function rateCurves(report: EvaluationReport) {
  return (['skilled', 'random'] as const).flatMap((name) => {
    const errors = report[name];
    return errors === null ? [] : [{ ...CLASSES[name], errors }];
  });
}
