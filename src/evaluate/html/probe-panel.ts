import * as Plot from '@observablehq/plot';
import type { Estimate } from '../error-report.js';
import { percent } from '../report-text.js';
import { AXIS, CLASSES, drawPanel, HALO, MUTED } from './panel.js';

/** The EER with its interval, and that of the probe without shape as a rule across it, in percent. */
export function probePanel(eer: Estimate, probeEer: number) {
  const { low, high } = eer.interval ?? { low: eer.value, high: eer.value };
  const most = 100 * Math.min(1, 1.3 * Math.max(high, probeEer, 0.05));
  const [value, probe] = [100 * eer.value, 100 * probeEer];
  return drawPanel('The equal error rate with its interval beside that of the probe without shape', {
    height: 130,
    marginTop: 30,
    marginLeft: 16,
    x: { label: 'EER on skilled forgeries, %', domain: [0, most], ...AXIS },
    y: { axis: null, domain: [0, 1] },
    marks: [
      Plot.ruleX([probe], { stroke: CLASSES.skilled.stroke, strokeWidth: 2, strokeDasharray: '6 3' }),
      Plot.text([`probe ${percent(probeEer)}`], {
        x: [probe],
        frameAnchor: 'top',
        dy: -18,
        textAnchor: probe > most / 2 ? 'end' : 'start',
        fill: MUTED,
      }),
      Plot.ruleY([0.45], { x1: 100 * low, x2: 100 * high, stroke: CLASSES.genuine.stroke, strokeWidth: 3 }),
      Plot.dot([[value, 0.45] as const], { fill: CLASSES.genuine.stroke, r: 5.5 }),
      Plot.text([[value, 0.45] as const], {
        text: [`this system ${percent(eer.value)}`],
        dy: -16,
        textAnchor: value > most / 2 ? 'end' : 'start',
        ...HALO,
      }),
    ],
  });
}
