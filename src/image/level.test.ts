import { describe, expect, it } from 'vitest';
import { extractInk } from './ink.js';
import { level } from './level.js';
import { type PreprocessOptions, preprocessOptionsSchema } from './options.js';
import { type PreprocessedImage, prepareDecoded } from './prepare-decoded.js';
import { drawSignature } from './strokes.fixture.js';
import type { GreyImage, InkImage } from './types.js';

const asWritten = preprocessOptionsSchema.parse({});
const levelled = preprocessOptionsSchema.parse({ baseline: 'levelled' });
const PAPER = 255;

/** Columns of a picture moved down by whole pixels, `slope` px for each px to the right. */
function climbing(picture: GreyImage, slope: number): GreyImage {
  const { width, height } = picture;
  const rise = Math.ceil(Math.abs(slope) * width);
  const data = new Uint8Array(width * (height + 2 * rise)).fill(PAPER);
  for (let x = 0; x < width; x++) {
    const down = rise + Math.round(slope * x - (slope > 0 ? 0 : slope * width)) - (slope > 0 ? 0 : rise);
    for (let y = 0; y < height; y++) data[(y + down) * width + x] = picture.data[y * width + x]!;
  }
  return { width, height: height + 2 * rise, data };
}

/** Of the line through the ink, by the covariance of all its points. */
function slopeOf({ width, data }: InkImage): number {
  const points = [...data]
    .map((ink, i) => ({ ink, x: i % width, y: Math.floor(i / width) }))
    .filter(({ ink }) => ink > 0);
  const total = points.reduce((sum, { ink }) => sum + ink, 0);
  const mean = (of: 'x' | 'y') => points.reduce((sum, point) => sum + (point.ink * point[of]) / total, 0);
  const [x0, y0] = [mean('x'), mean('y')];
  const product = (a: 'x' | 'y') =>
    points.reduce((sum, point) => sum + point.ink * (point.x - x0) * (point[a] - (a === 'x' ? x0 : y0)), 0);
  return product('y') / product('x');
}

const correlation = (a: Uint8Array, b: Uint8Array) => {
  const mean = (of: Uint8Array) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [ma, mb] = [mean(a), mean(b)];
  const dot = (p: Uint8Array, q: Uint8Array, mp: number, mq: number) =>
    p.reduce((sum, value, i) => sum + (value - mp) * (q[i]! - mq), 0);
  return dot(a, b, ma, mb) / Math.sqrt(dot(a, a, ma, ma) * dot(b, b, mb, mb));
};

function prepared(picture: GreyImage, options: PreprocessOptions): PreprocessedImage {
  const { width: sourceWidth, height: sourceHeight } = picture;
  return prepareDecoded({ ...picture, format: 'png', sourceWidth, sourceHeight, damaged: false }, options);
}

function levelOf(picture: GreyImage): InkImage {
  const ink = extractInk(picture, asWritten);
  return level(ink, ink.box!).ink;
}

describe('level', () => {
  const signature = drawSignature({ width: 600, height: 300 });

  it.each([-0.2, -0.05, 0.1, 0.25])('makes what climbs by %d level, and the same as what did not climb', (slope) => {
    const picture = climbing(signature, slope);
    const before = slopeOf(extractInk(signature, asWritten));
    expect(slopeOf(extractInk(picture, asWritten)) - before).toBeCloseTo(slope, 2);
    expect(slopeOf(levelOf(picture))).toBeCloseTo(0, 2);
    const [here, there] = [signature, picture].map((of) => prepared(of, levelled).ink.data);
    expect(correlation(here!, there!)).toBeGreaterThan(0.9);
    const [written, climbs] = [signature, picture].map((of) => prepared(of, asWritten).ink.data);
    expect(correlation(written!, climbs!)).toBeLessThan(correlation(here!, there!));
  });

  it('levels what is steeper than 0.3 by that much', () => {
    const steep = climbing(signature, 0.5);
    const before = slopeOf(extractInk(steep, asWritten));
    expect(slopeOf(levelOf(steep))).toBeCloseTo(before - 0.3, 2);
  });

  it('loses no ink, and bounds it', () => {
    const ink = extractInk(climbing(signature, 0.17), asWritten);
    const { ink: moved, box } = level(ink, ink.box!);
    const total = ({ data }: InkImage) => data.reduce((sum, value) => sum + value, 0);
    expect(Math.abs(total(moved) / total(ink) - 1)).toBeLessThan(0.01);
    const rows = [...moved.data.keys()].filter((i) => moved.data[i]! > 0).map((i) => Math.floor(i / moved.width));
    expect([Math.min(...rows), Math.max(...rows) + 1]).toEqual([box.top, box.bottom]);
    expect(box.right - box.left).toBe(ink.box!.right - ink.box!.left);
  });

  it('leaves an upright stroke as it is', () => {
    const data = new Uint8Array(100 * 100).fill(PAPER);
    for (let y = 20; y < 80; y++) data.fill(0, y * 100 + 50, y * 100 + 51);
    const ink = extractInk({ width: 100, height: 100, data }, asWritten);
    const { ink: moved, box } = level(ink, ink.box!);
    expect([box.right - box.left, box.bottom - box.top]).toEqual([1, 60]);
    expect(moved.data.reduce((sum, value) => sum + value, 0)).toBe(ink.data.reduce((sum, value) => sum + value, 0));
  });

  it('is asked for: without it the canvas has what was written, and the picture is judged as it was written', () => {
    const picture = climbing(signature, 0.2);
    const [plain, straight] = [asWritten, levelled].map((options) => prepared(picture, options));
    expect(plain!.ink).toEqual(prepared(picture, { ...asWritten }).ink);
    expect(straight!.ink.data).not.toEqual(plain!.ink.data);
    expect(straight!.quality).toEqual(plain!.quality);
    const shape = preprocessOptionsSchema.parse({ baseline: 'levelled', strokes: 'equalised' });
    expect(Math.abs(slopeOf(prepared(picture, shape).ink))).toBeLessThan(0.05);
  });
});
