import * as Plot from '@observablehq/plot';
import { DISTANCE_WORDS } from '../distance-words.js';
import type { EvaluationReport } from '../report.js';
import { AXIS, CLASSES, type ClassName, drawPanel } from './panel.js';

/** Share of the pairs of each class per bin of distance, in percent, and the threshold. */
export function histogramPanel({ histogram, threshold, distance }: EvaluationReport) {
  const { from, binWidth } = histogram;
  const measure = distance === 'given' ? 'Distance as given' : `${DISTANCE_WORDS[distance]} distance`;
  const outline = (name: ClassName) => {
    const shares = histogram[name];
    if (shares === null) return [];
    const { stroke, dash } = CLASSES[name];
    const steps = [...shares, 0].map((share, bin) => ({ distance: from + bin * binWidth, percent: 100 * share }));
    const place = { x: 'distance', y: 'percent', curve: 'step-after' } as const;
    return [
      Plot.areaY(steps, { ...place, fill: stroke, fillOpacity: 0.14 }),
      Plot.lineY(steps, { ...place, stroke, strokeWidth: 2, strokeDasharray: dash }),
    ];
  };
  const besideThreshold = (text: string, textAnchor: 'start' | 'end') =>
    Plot.text([text], { x: [threshold.value], frameAnchor: 'top', textAnchor, dy: -14 });
  const to = from + histogram.genuine.length * binWidth;
  return drawPanel('Histograms of the distances of genuine and forged pairs, with the threshold', {
    x: {
      label: `${measure} (smaller is closer)`,
      domain: [Math.min(from, threshold.value), Math.max(to, threshold.value)],
      ...AXIS,
    },
    y: { label: 'pairs of the class per bin, %', grid: true, ...AXIS },
    marks: [
      ...(['random', 'skilled', 'genuine'] as const).flatMap(outline),
      Plot.ruleX([threshold.value], { stroke: 'currentColor', strokeWidth: 1.5 }),
      besideThreshold('accepted ◂ ', 'end'),
      besideThreshold(' ▸ rejected', 'start'),
      Plot.ruleY([0]),
    ],
  });
}
