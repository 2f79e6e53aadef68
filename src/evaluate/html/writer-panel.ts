import * as Plot from '@observablehq/plot';
import type { WriterErrors } from '../writer-errors.js';
import { AXIS, CLASSES, drawPanel, FAINT } from './panel.js';

/** Each writer's EER in ascending order, with FAR and FRR at the threshold of all, in percent. */
export function writerPanel(writers: readonly WriterErrors[]) {
  const sorted = byEer(writers);
  const dots = sorted.flatMap(({ eer, far, frr }, i) => [
    { rank: i + 1, value: far, stroke: CLASSES.skilled.stroke, symbol: 'triangle', fill: 'none' },
    { rank: i + 1, value: frr, stroke: CLASSES.genuine.stroke, symbol: 'circle', fill: 'none' },
    { rank: i + 1, value: eer, stroke: 'currentColor', symbol: 'circle', fill: 'currentColor' },
  ]);
  const domain: [number, number] = [0.5, sorted.length + 0.5];
  return drawPanel('EER, FAR and FRR of each writer, sorted by EER', {
    x: { label: 'writers, from the least EER to the greatest', domain, ticks: 0, ...AXIS },
    y: {
      label: 'rate, %',
      grid: true,
      domain: [0, Math.max(5, 100 * Math.max(...dots.map(({ value }) => value ?? 0)))],
      nice: true,
      ...AXIS,
    },
    symbol: { type: 'identity' },
    marks: [
      Plot.frame({ stroke: FAINT }),
      Plot.dot(
        dots.filter(({ value }) => value !== null),
        {
          x: 'rank',
          y: ({ value }: { value: number }) => 100 * value,
          stroke: 'stroke',
          fill: 'fill',
          symbol: 'symbol',
          r: sorted.length > 80 ? 2 : 3,
        },
      ),
    ],
  });
}

/** Those who have an EER, the least first. */
export function byEer(writers: readonly WriterErrors[]): WriterErrors[] {
  return writers.filter(({ eer }) => eer !== null).sort((a, b) => a.eer! - b.eer!);
}
