/** A similarity: turned, scaled and moved as a whole. Pixels of one picture to pixels of another. */
export interface Placement {
  /** px of the other per px. */
  readonly scale: number;
  /** Clockwise as one sees it, since y grows downwards. */
  readonly rotationRadians: number;
  /** Where pixel (0, 0) comes to lie. */
  readonly dx: number;
  readonly dy: number;
}

/**
 * The six numbers of a canvas's `setTransform`: x' = a x + c y + e, y' = b x + d y + f.
 *
 * @see HTML, CanvasTransform
 */
export function matrixOf({ scale, rotationRadians, dx, dy }: Placement) {
  const [cos, sin] = [scale * Math.cos(rotationRadians), scale * Math.sin(rotationRadians)];
  return { a: cos, b: sin, c: -sin, d: cos, e: dx, f: dy };
}

/** The way back. */
export function inverseOf({ scale, rotationRadians, dx, dy }: Placement): Placement {
  const back = { scale: 1 / scale, rotationRadians: -rotationRadians };
  const { a, b, c, d } = matrixOf({ ...back, dx: 0, dy: 0 });
  return { ...back, dx: -(a * dx + c * dy), dy: -(b * dx + d * dy) };
}
