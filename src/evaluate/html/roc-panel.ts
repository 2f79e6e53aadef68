import * as Plot from '@observablehq/plot';
import type { EvaluationReport } from '../report.js';
import { AXIS, drawPanel, FAINT, MUTED } from './panel.js';
import { rateCurves } from './rate-curves.js';

/** Genuine accepted over forgeries accepted, both in percent; the ring is the threshold fixed beforehand. */
export function rocPanel(report: EvaluationReport) {
  const curves = rateCurves(report);
  const axis = { domain: [0, 100], grid: true, ticks: 5, ...AXIS } as const;
  const rings = curves.map(({ errors: { far, frr }, stroke }) => ({
    x: 100 * far.value,
    y: 100 * (1 - frr.value),
    stroke,
  }));
  return drawPanel('ROC curves: genuine signatures accepted over forgeries accepted', {
    x: { label: 'FAR, % (forgeries accepted)', ...axis },
    y: { label: '1 - FRR, % (genuine accepted)', ...axis },
    marks: [
      Plot.line([[0, 0] as const, [100, 100] as const], { stroke: FAINT }),
      Plot.text([[70, 70] as const], { text: ['chance'], dx: 8, dy: 8, textAnchor: 'start', fill: MUTED }),
      ...curves.map(({ errors: { det }, stroke, dash }) =>
        Plot.line(
          det.far.map((far, i): [number, number] => [100 * far, 100 * (1 - det.frr[i]!)]),
          { stroke, strokeWidth: 2, strokeDasharray: dash },
        ),
      ),
      Plot.frame({ stroke: FAINT }),
      Plot.dot(rings, { x: 'x', y: 'y', fill: 'var(--paper)', stroke: 'stroke', strokeWidth: 2.5, r: 5 }),
    ],
  });
}
