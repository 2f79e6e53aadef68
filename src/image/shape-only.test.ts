import { describe, expect, it } from 'vitest';
import { fitOnCanvas } from './geometry.js';
import { extractInk } from './ink.js';
import { preprocessOptionsSchema } from './options.js';
import { drawShape } from './shape-only.js';
import { drawSignature, type StrokeDrawing } from './strokes.fixture.js';
import { measureSurface } from './surface.js';
import type { InkImage } from './types.js';

const options = preprocessOptionsSchema.parse({ strokes: 'equalised' });

function shapeOf(drawing: StrokeDrawing, more = options): InkImage {
  const ink = extractInk(drawSignature(drawing), more);
  return drawShape(ink, ink.box!, more);
}

function asWritten(drawing: StrokeDrawing): InkImage {
  const ink = extractInk(drawSignature(drawing), options);
  return fitOnCanvas(ink, ink.box!, options);
}

/** Mean width of the strokes of a canvas, in px. */
function strokeWidth({ width, height, data }: InkImage): number {
  return measureSurface({ width, height, data: data.map((level) => 255 - level) }).strokeWidthPx;
}

/** Share of the ink of `a` that is farther than 2 px from all ink of `b`. */
function stray(a: InkImage, b: InkImage): number {
  let [far, ink] = [0, 0];
  for (let y = 2; y < a.height - 2; y++) {
    for (let x = 2; x < a.width - 2; x++) {
      if (a.data[y * a.width + x]! < 128) continue;
      ink++;
      const near = [-2, -1, 0, 1, 2].some((dy) =>
        b.data.subarray((y + dy) * b.width + x - 2, (y + dy) * b.width + x + 3).some((level) => level >= 128),
      );
      if (!near) far++;
    }
  }
  return far / ink;
}

describe('drawShape', () => {
  const page = { width: 1200, height: 600 };

  it('draws strokes of any width and pressure with the same pen', () => {
    const widths = [4, 8, 16, 24].map((strokeWidthPx) => ({ ...page, strokeWidthPx }));
    const written = widths.map((drawing) => strokeWidth(asWritten(drawing)));
    const equalised = widths.map((drawing) => strokeWidth(shapeOf(drawing)));
    expect(Math.max(...written) / Math.min(...written)).toBeGreaterThan(2);
    expect(Math.max(...equalised) / Math.min(...equalised)).toBeLessThan(1.15);
  });

  it('draws the same line whatever pen wrote it', () => {
    const thinPen = shapeOf({ ...page, strokeWidthPx: 5 });
    const thickPen = shapeOf({ ...page, strokeWidthPx: 15 });
    expect(stray(thinPen, thickPen)).toBeLessThan(0.03);
    expect(stray(thickPen, thinPen)).toBeLessThan(0.03);
  });

  it('fills the canvas up to its margins, centred', () => {
    const { width, height, data } = shapeOf(page);
    const columns = [...data.keys()].filter((i) => data[i]! > 0).map((i) => i % width);
    expect([width, height]).toEqual([224, 128]);
    expect(Math.min(...columns)).toBe(options.marginPx);
    expect(Math.max(...columns)).toBe(width - 1 - options.marginPx);
    expect(Math.max(...data)).toBe(255);
  });

  it('leaves no gaps where a small picture is enlarged', () => {
    const enlarged = preprocessOptionsSchema.parse({ strokes: 'equalised', maxEnlargement: 8 });
    const small = shapeOf({ width: 48, height: 24, strokeWidthPx: 2 }, enlarged);
    expect(strokeWidth(small)).toBeLessThan(2.6);
    const pieces = extractInk({ ...small, data: small.data.map((level) => 255 - level) }, options).removedPx;
    expect(pieces).toBe(0); // dots in place of a line would be specks
  });
});
