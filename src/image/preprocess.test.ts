import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../core/errors.js';
import { preprocessOptionsSchema } from './options.js';
import { preprocess } from './preprocess.js';
import { inkToPng } from './render.js';
import { drawSignature } from './strokes.fixture.js';
import type { GreyImage, InkImage } from './types.js';

const options = preprocessOptionsSchema.parse({});

describe('preprocess', () => {
  it('fits the ink on the canvas, paper 0, margins free, full ink reached', async () => {
    const { ink, quality } = await preprocess(await png(drawSignature()), options);
    expect([ink.width, ink.height, ink.data.length]).toEqual([224, 128, 224 * 128]);
    expect(Math.max(...ink.data)).toBe(255);
    expect(inkBounds(ink)).toMatchObject({ left: 4, right: 219 });
    expect(quality).toMatchObject({ widthPx: 400, heightPx: 200, inverted: false, warnings: [] });
    expect(quality.strokeWidthPx).toBeGreaterThan(3);
    expect(quality.strokeWidthPx).toBeLessThan(7);
  });

  it('is nearly idempotent: its own canvas, saved and read again, stays', async () => {
    const sizes = fc.record({ width: fc.integer({ min: 200, max: 900 }), ink: fc.integer({ min: 0, max: 150 }) });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ width, ink }) => {
        const once = await canvasOf(drawSignature({ width, height: Math.round(width * 0.6), ink }));
        const twice = (await preprocess(await inkToPng(once), options)).ink;
        expect(difference(once, twice)).toBeLessThan(0.08);
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it('forgets the grey of paper and pen', async () => {
    const base = await canvasOf(drawSignature());
    for (const [paper, ink] of [
      [254, 120],
      [239, 30],
      [200, 60],
      [120, 10],
    ] as const) {
      expect(difference(base, await canvasOf(drawSignature({ paper, ink })))).toBeLessThan(0.06);
    }
  });

  it('gives nearly the same canvas at 300 and at 600 dpi, of thin strokes too', async () => {
    for (const strokeWidthPx of [2, 5]) {
      const at300 = await canvasOf(drawSignature({ width: 600, height: 300, strokeWidthPx }));
      const at600 = await canvasOf(drawSignature({ width: 1200, height: 600, strokeWidthPx: 2 * strokeWidthPx }));
      expect(difference(at300, at600)).toBeLessThan(0.12);
      expect(Math.abs(meanInk(at300) - meanInk(at600))).toBeLessThan(4);
    }
  });

  it('finds the same ink under an uneven light and a shadow', async () => {
    const flat = drawSignature({ width: 800, height: 400 });
    const lit = { ...flat, data: flat.data.map((grey, i) => grey * light((i % 800) / 800, Math.floor(i / 800) / 400)) };
    expect(difference(await canvasOf(flat), await canvasOf(lit))).toBeLessThan(0.15);
  });

  it('inverts light ink on dark paper', async () => {
    const upright = drawSignature();
    const result = await preprocess(await png({ ...upright, data: upright.data.map((grey) => 255 - grey) }), options);
    expect(result.quality.inverted).toBe(true);
    expect(difference(await canvasOf(upright), result.ink)).toBeLessThan(0.03);
  });

  it('drops specks and far strays', async () => {
    const clean = drawSignature();
    const dirty = { ...clean, data: clean.data.slice() };
    for (const at of [400 * 3 + 5, 400 * 195 + 390, 400 * 190 + 8]) dirty.data[at] = 0;
    for (let y = 2; y < 8; y++) for (let x = 390; x < 400; x++) dirty.data[y * 400 + x] = 30;
    expect(difference(await canvasOf(clean), await canvasOf(dirty))).toBeLessThan(0.02);
  });

  it('drops the dark line that the edge of a scan leaves', async () => {
    const clean = drawSignature();
    const edged = { ...clean, data: clean.data.slice() };
    for (let y = 0; y < 200; y++) edged.data.fill(0, y * 400 + 397, y * 400 + 399);
    expect(difference(await canvasOf(clean), await canvasOf(edged))).toBeLessThan(0.02);
  });

  it('keeps pressure in grey and drops it in bilevel', async () => {
    const light = drawSignature({ width: 800, height: 400 });
    const grey = await preprocess(await png(light), options);
    const bilevel = await preprocess(await png(light), preprocessOptionsSchema.parse({ ink: 'bilevel' }));
    const full = (ink: InkImage) => ink.data.filter((v) => v === 255).length / ink.data.filter((v) => v > 0).length;
    expect(full(bilevel.ink)).toBeGreaterThan(full(grey.ink) + 0.1);
  });

  it('enlarges a tiny image by no more than the limit', async () => {
    const { ink, quality } = await preprocess(
      await png(drawSignature({ width: 60, height: 30, strokeWidthPx: 2 })),
      options,
    );
    const { left, right } = inkBounds(ink);
    expect(right - left + 1).toBeLessThanOrEqual(120);
    expect(quality.warnings.join()).toMatch(/px wide/);
  });

  it.each<[string, GreyImage, ErrorCode]>([
    ['white page', page(300, 200, () => 255), 'IMAGE_BLANK'],
    ['grey page', page(300, 200, () => 140), 'IMAGE_BLANK'],
    ['noisy page', page(300, 200, (x, y) => 225 + ((x * 7919 + y * 104729) % 13)), 'IMAGE_BLANK'],
    ['one white pixel', page(1, 1, () => 255), 'IMAGE_BLANK'],
    ['black page', page(300, 200, () => 0), 'IMAGE_SOLID'],
    ['dark block', page(300, 200, (x, y) => (x > 40 && x < 260 && y > 20 && y < 180 ? 10 : 250)), 'IMAGE_SOLID'],
    ['small block', page(600, 400, (x, y) => (x > 250 && x < 330 && y > 150 && y < 220 ? 10 : 250)), 'IMAGE_SOLID'],
    ['one-pixel ink', page(300, 200, (x, y) => (x === 150 && y === 90 ? 0 : 255)), 'IMAGE_SPECK'],
    ['a speck', page(300, 200, (x, y) => (Math.hypot(x - 150, y - 90) < 4 ? 0 : 255)), 'IMAGE_SPECK'],
  ])('refuses a %s', async (_, image, code) => {
    await expect(preprocess(await png(image), options)).rejects.toMatchObject({ name: 'CountersignError', code });
  });

  it('refuses unknown options', () => {
    expect(() => preprocessOptionsSchema.parse({ canvas: { depth: 3 } })).toThrow(/depth/);
    expect(() => preprocessOptionsSchema.parse({ inks: 'grey' })).toThrow(/inks/);
  });
});

function page(width: number, height: number, at: (x: number, y: number) => number): GreyImage {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))),
  };
}

/** Light falling off to the right, and the soft edge of a shadow across the page. */
function light(x: number, y: number): number {
  return (1 - 0.25 * x) * (0.5 + 0.5 / (1 + Math.exp((x + 0.6 * y - 0.9) * 25)));
}

async function png({ width, height, data }: GreyImage): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

async function canvasOf(image: GreyImage): Promise<InkImage> {
  return (await preprocess(await png(image), options)).ink;
}

/** Sum of |a - b| over the ink of `a`, as a share of it. */
function difference(a: InkImage, b: InkImage): number {
  let [sum, ink] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    sum += Math.abs(a.data[i]! - b.data[i]!);
    ink += a.data[i]!;
  }
  return sum / ink;
}

function meanInk(ink: InkImage): number {
  const levels = ink.data.filter((level) => level > 0);
  return levels.reduce((a, b) => a + b, 0) / levels.length;
}

function inkBounds({ width, data }: InkImage): { left: number; right: number } {
  const columns = [...data.keys()].filter((i) => data[i]! > 0).map((i) => i % width);
  return { left: Math.min(...columns), right: Math.max(...columns) };
}
