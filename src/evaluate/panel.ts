/** What the panels of the report's picture share: colours, axes, and how a plot becomes text. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/**
 * Colours by Okabe and Ito, told apart by colour-blind readers; dashes tell the classes apart in black and white.
 */
export const CLASSES = {
  genuine: { label: 'genuine', stroke: '#0072B2', dash: '' },
  skilled: { label: 'skilled forgeries', stroke: '#D55E00', dash: '7 3' },
  random: { label: 'random forgeries', stroke: '#555555', dash: '2 2.5' },
} as const;
export type ClassName = keyof typeof CLASSES;

export const AXIS = { labelAnchor: 'center', labelArrow: 'none' } as const;

/** @returns an `<svg>` element of 490 x 400; Plot needs a document to build it in */
export function drawPanel(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html><body></body></html>');
  const margins = { marginLeft: 55, marginBottom: 45, marginTop: 25 };
  const plot = Plot.plot({ width: 490, height: 400, ...margins, style: { fontSize: '12px' }, ...options, document });
  return plot.outerHTML;
}
