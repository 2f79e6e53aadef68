/** How a network may look at a canvas again: mirrored, enlarged, or both (test-time augmentation). */
import type { InkImage } from './types.js';

export interface View {
  /** Left to right. */
  readonly mirrored: boolean;
  /** Of height and width, after the mirror: 1, or `ENLARGEMENT`. */
  readonly enlargement: number;
}

/** Of a view that looks closer. It finds no more detail, and errs by something else than the view of the canvas. */
export const ENLARGEMENT = 1.5;

const AS_IT_IS: View = { mirrored: false, enlargement: 1 };
export const ONE_VIEW: readonly View[] = [AS_IT_IS];
export const TWO_VIEWS: readonly View[] = [AS_IT_IS, { mirrored: true, enlargement: ENLARGEMENT }];

type Size = Pick<InkImage, 'height' | 'width'>;

/** The size of the canvas in a view. */
export function canvasIn({ height, width }: Size, { enlargement }: Pick<View, 'enlargement'>): Size {
  return { height: enlarged(height, enlargement), width: enlarged(width, enlargement) };
}

/** Rounded down in float32, as ONNX's Resize has it: 100 px times 1.15 are 115 there, and 114 in float64. */
const enlarged = (px: number, factor: number) => Math.floor(Math.fround(px * Math.fround(factor)));

export function seenIn(image: InkImage, { mirrored, enlargement }: View): InkImage {
  const turned = mirror(image, mirrored, false);
  return enlargement === 1 ? turned : enlarge(turned, enlargement);
}

/** Left to right, top to bottom, both or neither. */
export function mirror({ width, height, data }: InkImage, mirrorX: boolean, mirrorY: boolean): InkImage {
  if (!mirrorX && !mirrorY) return { width, height, data };
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const at = (mirrorY ? height - 1 - y : y) * width;
    out.set(row, at);
    if (mirrorX) out.subarray(at, at + width).reverse();
  }
  return { width, height, data: out };
}

/**
 * What is added before a pixel is rounded: at an enlargement of 1.5 a pixel is a multiple of 1 / 36, so halves, which would be
 * rounded by the last bit of a sum, are met, and are none with a hundredth more. At other enlargements some may be left.
 */
export const ROUNDING = 0.01;

/** Linear interpolation between the centres of pixels, as ONNX's Resize has it (`half_pixel`), to whole levels of ink. */
function enlarge({ width, height, data }: InkImage, factor: number): InkImage {
  const size = canvasIn({ width, height }, { enlargement: factor });
  const columns = neighbours(width, size.width, factor);
  const rows = neighbours(height, size.height, factor);
  const out = new Uint8Array(size.width * size.height);
  for (let y = 0, at = 0; y < size.height; y++) {
    const [top, bottom, down] = [rows.first[y]! * width, rows.second[y]! * width, rows.share[y]!];
    for (let x = 0; x < size.width; x++, at++) {
      const [left, right, along] = [columns.first[x]!, columns.second[x]!, columns.share[x]!];
      const above = (1 - along) * data[top + left]! + along * data[top + right]!;
      const below = (1 - along) * data[bottom + left]! + along * data[bottom + right]!;
      out[at] = Math.round((1 - down) * above + down * below + ROUNDING);
    }
  }
  return { ...size, data: out };
}

/** For each pixel of an enlarged row: the two pixels that it lies between, and the share of the second. */
function neighbours(from: number, to: number, factor: number) {
  const at = Float64Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.max(0, (i + 0.5) / factor - 0.5)));
  const first = Uint16Array.from(at);
  return {
    first,
    second: first.map((i) => Math.min(from - 1, i + 1)),
    share: at.map((position, i) => position - first[i]!),
  };
}
