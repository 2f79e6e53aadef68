/** What the page draws of two signatures, in a real Chromium. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preprocessOptionsSchema } from '../../src/image/options.js';
import { preprocess } from '../../src/image/preprocess.js';
import { inkToPng } from '../../src/image/render.js';
import type { InkImage } from '../../src/image/types.js';
import { base64, forged, genuine } from '../server/signatures.js';
import { launchChromium } from './chromium.js';
import { type LocalPage, serveLocalPage } from './local-page.js';

const size = { width: 480, height: 240 };
const LIGHT = { paper: '#fffefb', reference: '#1d5fc4', questioned: '#d4560b', agreeing: '#56606d' };
const DARK = { paper: '#12161c', reference: '#6ea8ff', questioned: '#ff9a52', agreeing: '#a9b2be' };

let folder: string;
let served: LocalPage;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-overlay-'));
  [served, browser] = await Promise.all([serveLocalPage(folder), launchChromium()]);
  page = await browser.newPage();
  await page.goto(served.url);
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await rm(folder, { recursive: true });
});

type Show = 'strokes' | 'differences';
type Colours = typeof LIGHT;

/** @returns [H, W, 3] uint8 */
async function drawn(pair: readonly Buffer[], balance: number, show: Show, colours: Colours): Promise<Buffer> {
  const png = await page.evaluate(
    (args) =>
      (globalThis as unknown as { local: { drawOverlay(...args: unknown[]): Promise<string> } }).local.drawOverlay(
        ...args,
      ),
    [...pair.map(base64), size, { balance, show }, colours] as unknown[],
  );
  return sharp(Buffer.from(png, 'base64')).removeAlpha().raw().toBuffer();
}

const options = preprocessOptionsSchema.parse({ canvas: { height: 144, width: 288 } });
const clean = async (signature: Buffer): Promise<Buffer> => inkToPng((await preprocess(signature, options)).ink);

/** Share of the canvas that is nearer to a colour than to any other of them. */
function shareOf(pixels: Buffer, name: keyof Colours, colours: Colours): number {
  const all = Object.entries(colours).map(
    ([key, hex]) => [key, [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))] as const,
  );
  let count = 0;
  for (let i = 0; i < pixels.length; i += 3) {
    const distances = all.map(([, rgb]) => rgb.reduce((sum, level, c) => sum + (level - pixels[i + c]!) ** 2, 0));
    if (all[distances.indexOf(Math.min(...distances))]![0] === name) count++;
  }
  return count / (pixels.length / 3);
}

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('the overlay on %s paper', (_, colours) => {
  it('shows the one, the other, or both', async () => {
    const pair = await Promise.all([genuine(1, 1), forged(1, 1)].map(async (signature) => clean(await signature)));
    const [first, both, second] = await Promise.all(
      [0, 0.5, 1].map((balance) => drawn(pair, balance, 'strokes', colours)),
    );
    expect(shareOf(first!, 'reference', colours)).toBeGreaterThan(0.02);
    expect(shareOf(first!, 'questioned', colours)).toBeLessThan(0.001);
    expect(shareOf(second!, 'questioned', colours)).toBeGreaterThan(0.02);
    expect(shareOf(second!, 'reference', colours)).toBeLessThan(0.001);
    expect(shareOf(both!, 'reference', colours)).toBeGreaterThan(0.01);
    expect(shareOf(both!, 'questioned', colours)).toBeGreaterThan(0.01);
    for (const pixels of [first!, both!, second!]) expect(shareOf(pixels, 'paper', colours)).toBeGreaterThan(0.7);
  });

  it('leaves a signature that is laid over itself without a difference', async () => {
    const one = await clean(await genuine(2, 1));
    const pixels = await drawn([one, one], 0.5, 'differences', colours);
    expect(shareOf(pixels, 'agreeing', colours)).toBeGreaterThan(0.02);
    expect(shareOf(pixels, 'reference', colours)).toBeLessThan(0.002);
    expect(shareOf(pixels, 'questioned', colours)).toBeLessThan(0.002);
  });

  it('colours a stroke that only one of them has', async () => {
    const { ink } = await preprocess(await genuine(2, 1), options);
    const pair = await Promise.all([inkToPng(ink), inkToPng(underlined(ink))]);
    const pixels = await drawn(pair, 0.5, 'differences', colours);
    expect(shareOf(pixels, 'questioned', colours)).toBeGreaterThan(0.005);
    expect(shareOf(pixels, 'reference', colours)).toBeLessThan(0.002);
  });
});

/** The same signature with a line under it, across half of the picture. */
function underlined({ width, height, data }: InkImage): InkImage {
  const copy = data.slice();
  const taken = [...data.keys()].filter((i) => data[i]! > 0).map((i) => Math.floor(i / width));
  const from = Math.min(height - 4, Math.max(...taken) + 8);
  for (let y = from; y < from + 3; y++) copy.fill(255, y * width + width / 4, y * width + (3 * width) / 4);
  return { width, height, data: copy };
}
