/** What the figures of the report share: colours, size, axes, and how a plot becomes markup. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { Markup } from './markup.js';

/**
 * Colours are the page's (see style.ts), for light and dark; dashes tell the classes apart in black and white.
 */
export const CLASSES = {
  genuine: { label: 'genuine', stroke: 'var(--genuine)', dash: '' },
  skilled: { label: 'skilled forgeries', stroke: 'var(--skilled)', dash: '7 3' },
  random: { label: 'random forgeries', stroke: 'var(--random)', dash: '2 2.5' },
} as const;
export type ClassName = keyof typeof CLASSES;

export const AXIS = { labelAnchor: 'center', labelArrow: 'none' } as const;
export const FAINT = 'var(--faint)';
export const MUTED = 'var(--muted)';
/** A text that stays readable over lines. */
export const HALO = { stroke: 'var(--paper)', strokeWidth: 4, fill: 'currentColor' } as const;

/**
 * @param title - what the figure shows, for those who do not see it
 * @returns an `<svg>` of 460 x 360 unless told otherwise; it takes the width it is given
 */
export function drawPanel(title: string, options: Plot.PlotOptions): Markup {
  const { document } = parseHTML('<html><body></body></html>'); // Plot builds its elements in a document
  const margins = { marginLeft: 52, marginBottom: 44, marginTop: 26, marginRight: 16 };
  const plot = Plot.plot({ width: 460, height: 360, ...margins, style: { fontSize: '13px' }, ...options, document });
  plot.setAttribute('role', 'img');
  plot.removeAttribute('width');
  plot.removeAttribute('height');
  const heading = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  heading.textContent = title;
  plot.prepend(heading);
  return new Markup(plot.outerHTML);
}
