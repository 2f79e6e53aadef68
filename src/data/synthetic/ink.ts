/**
 * The rasteriser: a line is a chain of capsules whose radius and darkness change from end to end. A pixel at the
 * distance d from a segment, where the radius is r and the edge is `softness` wide, is covered by
 *
 *     clamp(1/2 + (r - d) / softness, 0, 1)
 *
 * and takes the darkest of what covers it. Each capsule only touches its bounding box.
 */

/** Darkness of a page, [height, width] float32, 0 = paper, 1 = full ink. */
export interface InkLayer {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** One end of a capsule, in pixels, y downwards. */
export interface Nib {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly darkness: number;
}

export function drawCapsule(layer: InkLayer, a: Nib, b: Nib, softness: number): void {
  const { width, height, data } = layer;
  const reach = Math.max(a.radius, b.radius) + softness / 2;
  const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - reach));
  const right = Math.min(width - 1, Math.ceil(Math.max(a.x, b.x) + reach));
  const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - reach));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(a.y, b.y) + reach));
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const inverseLength2 = 1 / (dx * dx + dy * dy + 1e-9);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const px = x - a.x;
      const py = y - a.y;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) * inverseLength2));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const distance2 = ex * ex + ey * ey;
      if (distance2 >= reach * reach) continue;
      const radius = a.radius + along * (b.radius - a.radius);
      const coverage = Math.min(1, 0.5 + (radius - Math.sqrt(distance2)) / softness);
      if (coverage <= 0) continue;
      const darkness = coverage * (a.darkness + along * (b.darkness - a.darkness));
      const at = y * width + x;
      if (darkness > data[at]!) data[at] = darkness;
    }
  }
}
