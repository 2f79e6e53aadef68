import type { GreyImage } from './types.js';

/** A made-up signature for tests: three strokes on paper, drawn with soft edges. */
export interface StrokeDrawing {
  readonly width?: number;
  readonly height?: number;
  readonly paper?: number;
  readonly ink?: number;
  readonly strokeWidthPx?: number;
}

/** Polylines in a box of 1 x 0.5; pressure (share of full ink) falls along each. */
const STROKES = [wave(0.08, 0.92, 3, 0.14), wave(0.15, 0.55, 1.5, 0.2), line(0.12, 0.46, 0.88, 0.4)];

/** [H, W] uint8, 0 = black, 255 = white. The strokes fill the picture whatever its size: a scan at another dpi. */
export function drawSignature(drawing: StrokeDrawing = {}): GreyImage {
  const { width = 400, height = 200, paper = 255, ink = 20, strokeWidthPx = width / 80 } = drawing;
  const cover = new Float32Array(width * height);
  for (const points of STROKES) {
    for (let i = 1; i < points.length; i++) {
      const pressure = 1 - (0.5 * i) / points.length;
      coverSegment(cover, width, height, points[i - 1]!, points[i]!, strokeWidthPx / 2, pressure);
    }
  }
  return { width, height, data: Uint8Array.from(cover, (share) => Math.round(paper + share * (ink - paper))) };
}

type Point = readonly [number, number];

function coverSegment(
  cover: Float32Array,
  width: number,
  height: number,
  from: Point,
  to: Point,
  radius: number,
  pressure: number,
): void {
  const [ax, ay, bx, by] = [from[0] * width, from[1] * width, to[0] * width, to[1] * width];
  const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
  const [left, right] = [Math.min(ax, bx) - radius - 1, Math.max(ax, bx) + radius + 1];
  const [top, bottom] = [Math.min(ay, by) - radius - 1, Math.max(ay, by) + radius + 1];
  for (let y = Math.max(0, Math.floor(top)); y <= Math.min(height - 1, bottom); y++) {
    for (let x = Math.max(0, Math.floor(left)); x <= Math.min(width - 1, right); x++) {
      const along = ((x + 0.5 - ax) * (bx - ax) + (y + 0.5 - ay) * (by - ay)) / length2;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(x + 0.5 - ax - t * (bx - ax), y + 0.5 - ay - t * (by - ay));
      const share = pressure * Math.min(1, Math.max(0, radius + 0.5 - distance));
      cover[y * width + x] = Math.max(cover[y * width + x]!, share);
    }
  }
}

function wave(from: number, to: number, periods: number, swing: number): Point[] {
  return Array.from({ length: 60 }, (_, i) => {
    const t = i / 59;
    return [from + t * (to - from), 0.24 + swing * Math.sin(2 * Math.PI * periods * t) * (0.6 + 0.4 * t)] as const;
  });
}

function line(x0: number, y0: number, x1: number, y1: number): Point[] {
  return Array.from({ length: 10 }, (_, i) => [x0 + ((x1 - x0) * i) / 9, y0 + ((y1 - y0) * i) / 9] as const);
}
