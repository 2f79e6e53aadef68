import { removePaper } from './background.js';
import { findInk, type InkComponent, strokeWidthPx } from './components.js';
import { resample } from './geometry.js';
import type { PreprocessOptions } from './options.js';
import type { GreyImage, InkImage } from './types.js';

/** Ink at working size, and what was measured on the way. */
export interface ExtractedInk extends InkImage {
  readonly inverted: boolean;
  /** Grey of the brightest paper, 0 to 255 (of the inverted picture where `inverted`). */
  readonly paperGrey: number;
  /** How much darker than paper the full stroke is, 0 to 1; 0 where no ink was found. */
  readonly contrast: number;
  /** Ink pixels kept. */
  readonly inkPx: number;
  /** Ink pixels thrown away as specks, strays or a dark surface beside the paper. */
  readonly removedPx: number;
  /** Mean width of the kept strokes in working px. */
  readonly strokeWidthPx: number;
  /** Working px per px of the given image, at most 1. */
  readonly reduction: number;
  /** Smallest box around the kept ink, or undefined where there is none. Right and bottom are exclusive. */
  readonly box: InkBox | undefined;
}

export interface InkBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Pixels at or above this share of the stroke's own darkness can be ink; a piece needs some above the second. */
const LOW_SHARE = 0.15;
const HIGH_SHARE = 0.45;
/** A piece of this many squares of the stroke width is part of the signature wherever it lies. */
const CORE_STROKE_SQUARES = 6;
/** A smaller piece (a dot, an accent) may lie this share of the core's longer side outside the core's box. */
const STRAY_REACH = 0.12;
/** A piece touching the border with strokes this many times wider than the rest is no pen stroke. */
const SURFACE_STROKE_WIDTHS = 4;
/** A straight line along this share of a side, and this near it, is the edge of a scan. */
const SCAN_EDGE_LENGTH = 0.95;
const SCAN_EDGE_REACH = 0.03;

/**
 * Takes ink off its paper: reduces a large picture, divides the local paper out, keeps what is darker than the paper's
 * noise, throws specks away, and stretches what is left so that the darkest tenth of the ink is full ink. The absolute
 * grey of paper and pen is gone; the pattern of pressure within the stroke is linear in what was scanned.
 *
 * @param grey - [H, W] uint8, 0 = black, 255 = white
 * @returns [h, w] uint8, 0 = paper, 255 = full ink, longer side at most `workingSidePx`. Without ink all 0 and `box`
 *   undefined: `requireSignature` says why.
 */
export function extractInk(grey: GreyImage, options: PreprocessOptions): ExtractedInk {
  const { image, reduction } = reduceToWorkingSize(grey, options.workingSidePx);
  const { width, height } = image;
  const relief = removePaper(image, options.background);
  const { darkness, histogram, noiseMedian, noiseDeviation, inverted, paperGrey } = relief;
  const { noiseSigmas, minContrast } = options.background;
  const floor = Math.round(noiseMedian + Math.max(noiseSigmas * noiseDeviation, minContrast * 255));

  const guess = histogramQuantile(histogram.fill(0, 0, floor), 0.9); // level of a full stroke, before dirt is known
  const low = Math.max(floor, Math.round(LOW_SHARE * guess));
  const high = Math.max(low, Math.round(floor + HIGH_SHARE * (guess - floor)));
  const { components, pixels } = findInk(darkness, width, height, low, high);
  const kept = keepSignature(components, width, height, options.speckStrokeSquares);
  const inkPx = sumArea(kept);
  const facts = { inverted, paperGrey, inkPx, removedPx: sumArea(components) - inkPx, reduction };

  const data = new Uint8Array(width * height);
  if (kept.length === 0) return { width, height, data, ...facts, contrast: 0, strokeWidthPx: 0, box: undefined };
  const box = boundingBox(kept);
  const full = histogramQuantile(histogramOf(kept, pixels, darkness), 0.9);
  const levels = levelTable(full, low, noiseMedian, options.ink);
  for (const { start, end } of kept) drawPiece(data, pixels.subarray(start, end), darkness, levels);
  const contrast = (full - noiseMedian) / 255;
  return { width, height, data, ...facts, contrast, strokeWidthPx: strokeWidthPx(kept), box };
}

/** [256] pixels of the pieces at each darkness. */
function histogramOf(components: readonly InkComponent[], pixels: Int32Array, darkness: Uint8Array): Uint32Array {
  const histogram = new Uint32Array(256);
  for (const { start, end } of components) for (let p = start; p < end; p++) histogram[darkness[pixels[p]!]!]!++;
  return histogram;
}

function drawPiece(data: Uint8Array, pixels: Int32Array, darkness: Uint8Array, levels: Uint8Array): void {
  for (let p = 0; p < pixels.length; p++) data[pixels[p]!] = levels[darkness[pixels[p]!]!]!;
}

function reduceToWorkingSize(grey: GreyImage, sidePx: number): { image: GreyImage; reduction: number } {
  const reduction = Math.min(1, sidePx / Math.max(grey.width, grey.height));
  if (reduction === 1) return { image: grey, reduction };
  const width = Math.max(1, Math.round(grey.width * reduction));
  const height = Math.max(1, Math.round(grey.height * reduction));
  const box = { left: 0, top: 0, right: grey.width, bottom: grey.height };
  return { image: resample(grey, box, width, height), reduction };
}

/** Drops specks, far strays and dark surfaces at the border. The order of what is kept is that of `components`. */
function keepSignature(
  components: readonly InkComponent[],
  width: number,
  height: number,
  speckSquares: number,
): readonly InkComponent[] {
  const stroke = typicalStrokeWidth(components);
  const touches = (c: InkComponent) => c.left === 0 || c.top === 0 || c.right === width - 1 || c.bottom === height - 1;
  const isSurface = (c: InkComponent) => touches(c) && strokeWidthPx([c]) > SURFACE_STROKE_WIDTHS * stroke;
  const isSpeck = (c: InkComponent) => c.areaPx < Math.max(2, speckSquares * stroke * stroke);
  const pieces = components.filter((c) => !isSpeck(c) && !isSurface(c) && !isScanEdge(c, width, height, stroke));
  const core = pieces.filter((c) => c.areaPx >= CORE_STROKE_SQUARES * stroke * stroke);
  if (core.length === 0) return pieces;
  const box = boundingBox(core);
  const reach = STRAY_REACH * Math.max(box.right - box.left, box.bottom - box.top);
  const isCut = (c: InkComponent) => touches(c) && !core.includes(c) && !overlaps(c, box);
  return pieces.filter(
    (c) =>
      !isCut(c) &&
      c.right >= box.left - reach &&
      c.left <= box.right + reach &&
      c.bottom >= box.top - reach &&
      c.top <= box.bottom + reach,
  );
}

function isScanEdge(c: InkComponent, width: number, height: number, stroke: number): boolean {
  const thin = Math.min(Math.max(3, 2 * stroke), SCAN_EDGE_REACH * Math.max(width, height));
  const upright = c.bottom - c.top + 1 >= SCAN_EDGE_LENGTH * height && c.right - c.left < thin;
  const level = c.right - c.left + 1 >= SCAN_EDGE_LENGTH * width && c.bottom - c.top < thin;
  const nearX = Math.min(c.left, width - 1 - c.right) <= SCAN_EDGE_REACH * width;
  const nearY = Math.min(c.top, height - 1 - c.bottom) <= SCAN_EDGE_REACH * height;
  return (upright && nearX) || (level && nearY);
}

function overlaps(c: InkComponent, box: InkBox): boolean {
  return c.right >= box.left && c.left < box.right && c.bottom >= box.top && c.top < box.bottom;
}

/** Median over ink pixels of the mean stroke width of their piece: one dark table does not set it. */
function typicalStrokeWidth(components: readonly InkComponent[]): number {
  const perEdge = components
    .map((c) => ({ width: strokeWidthPx([c]), weight: c.edgesPx }))
    .sort((a, b) => a.width - b.width);
  const half = perEdge.reduce((sum, c) => sum + c.weight, 0) / 2;
  let seen = 0;
  for (const { width, weight } of perEdge) {
    seen += weight;
    if (seen >= half) return width;
  }
  return 0;
}

/** Darkness -> ink, 256 entries. Half the lowest darkness that counts as ink is zero: edges fade and do not jump. */
function levelTable(full: number, low: number, noiseMedian: number, ink: PreprocessOptions['ink']): Uint8Array {
  const table = new Uint8Array(256);
  const zero = noiseMedian + (low - noiseMedian) / 2;
  const half = (full + noiseMedian) / 2;
  for (let darkness = 0; darkness < 256; darkness++) {
    const level = ink === 'bilevel' ? (darkness >= half ? 1 : 0) : (darkness - zero) / Math.max(1, full - zero);
    table[darkness] = Math.round(255 * Math.min(1, Math.max(0, level)));
  }
  return table;
}

function histogramQuantile(histogram: Uint32Array, q: number): number {
  const target = q * histogram.reduce((a, b) => a + b, 0);
  let seen = 0;
  for (let level = 0; level < 256; level++) {
    seen += histogram[level]!;
    if (seen > 0 && seen >= target) return level;
  }
  return 255;
}

function sumArea(components: readonly InkComponent[]): number {
  return components.reduce((sum, c) => sum + c.areaPx, 0);
}

function boundingBox(components: readonly InkComponent[]): InkBox {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const c of components) {
    left = Math.min(left, c.left);
    top = Math.min(top, c.top);
    right = Math.max(right, c.right + 1);
    bottom = Math.max(bottom, c.bottom + 1);
  }
  return { left, top, right, bottom };
}
