import * as Plot from '@observablehq/plot';
import { probit } from '../probit.js';
import type { EvaluationReport } from '../report.js';
import { AXIS, drawPanel, FAINT, MUTED } from './panel.js';
import { rateCurves } from './rate-curves.js';

/** Percent shown on an axis that ends near 50 %, and on one that shows everything. */
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 40];
const WIDE_TICKS = [0.1, 0.5, 2, 5, 10, 20, 40, 60, 80, 90, 95, 98, 99.5];
/** Where the axes begin: FAR and FRR 0.05 %. */
const LOWEST = 0.0005;

/** FRR over FAR on probit axes; the ring is the threshold fixed beforehand, the diagonal is FAR = FRR. */
export function detPanel(report: EvaluationReport) {
  const curves = rateCurves(report);
  const worst = Math.max(...curves.flatMap(({ errors }) => [errors.eer.value, errors.far.value, errors.frr.value]));
  const highest = worst < 0.4 ? 0.5 : 0.997;
  const axis = {
    domain: [probit(LOWEST), probit(highest)],
    ...probitTicks(worst < 0.4 ? TICKS : WIDE_TICKS),
    grid: true,
    ...AXIS,
  };
  const beyond = (share: number) => probit(Math.min(0.9999, Math.max(LOWEST / 10, share))); // rates of 0 and 1: clipped
  const rings = curves.map(({ errors: { far, frr }, stroke }) => ({
    x: probit(Math.min(highest, Math.max(LOWEST, far.value))),
    y: probit(Math.min(highest, Math.max(LOWEST, frr.value))),
    stroke,
  }));
  return drawPanel('DET curves: false rejections over false acceptances on probit axes', {
    x: { label: 'FAR, % (forgeries accepted)', ...axis },
    y: { label: 'FRR, % (genuine rejected)', ...axis },
    marks: [
      Plot.line(
        axis.domain.map((z): [number, number] => [z, z]),
        { stroke: FAINT },
      ),
      Plot.text(['FAR = FRR'], { frameAnchor: 'top-right', dx: -30, dy: 5, fill: MUTED }),
      ...curves.map(({ errors: { det }, stroke, dash }) =>
        Plot.line(
          det.far.map((far, i): [number, number] => [beyond(far), beyond(det.frr[i]!)]),
          { stroke, strokeWidth: 2, strokeDasharray: dash, clip: true },
        ),
      ),
      Plot.frame({ stroke: FAINT }),
      Plot.dot(rings, { x: 'x', y: 'y', fill: 'var(--paper)', stroke: 'stroke', strokeWidth: 2.5, r: 5 }),
      ...(worst < LOWEST ? [Plot.text(['all rates are below 0.05 %'], { frameAnchor: 'middle' })] : []),
    ],
  });
}

/** Ticks at these rates (in percent) on an axis of probits, labelled with the percent. */
function probitTicks(percents: readonly number[]) {
  const labels = new Map(percents.map((value) => [probit(value / 100), String(value)]));
  return { ticks: [...labels.keys()], tickFormat: (z: number) => labels.get(z) ?? '' };
}
