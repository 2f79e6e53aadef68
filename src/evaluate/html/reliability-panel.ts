import * as Plot from '@observablehq/plot';
import type { CalibrationReport } from '../calibration-report.js';
import { AXIS, CLASSES, drawPanel, FAINT, MUTED } from './panel.js';

/** Share that is genuine over the probability that was said, both in percent; a dot's area is the weight of its bin. */
export function reliabilityPanel({ reliability }: CalibrationReport) {
  const bins = reliability.map(({ said, genuine, weight }) => ({ said: 100 * said, genuine: 100 * genuine, weight }));
  const axis = { domain: [0, 100], grid: true, ticks: 5, ...AXIS } as const;
  const { stroke } = CLASSES.genuine;
  return drawPanel('Reliability diagram: share of genuine pairs over the probability that was said', {
    x: { label: 'similarity: chance of being genuine that was said, %', ...axis },
    y: { label: 'genuine indeed, %', ...axis },
    r: { domain: [0, 0.5], range: [2.5, 13] },
    marks: [
      Plot.line([[0, 0] as const, [100, 100] as const], { stroke: FAINT }),
      Plot.text([[70, 70] as const], { text: ['as said'], dx: 8, dy: 8, textAnchor: 'start', fill: MUTED }),
      Plot.line(bins, { x: 'said', y: 'genuine', stroke, strokeOpacity: 0.5 }),
      Plot.frame({ stroke: FAINT }),
      Plot.dot(bins, { x: 'said', y: 'genuine', r: 'weight', fill: stroke, fillOpacity: 0.75, stroke: 'var(--paper)' }),
    ],
  });
}
