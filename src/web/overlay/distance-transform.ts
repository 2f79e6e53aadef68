/**
 * How far each pixel is from the nearest stroke, exactly: columns first, then along each row the lower envelope of the
 * parabolas (x - q)^2 + d(q)^2.
 *
 * @see Felzenszwalb and Huttenlocher 2012, Distance transforms of sampled functions
 */

/** Farther than any pixel of a picture from another. */
const FAR = 1e6;

/**
 * @param isStroke - of pixel i
 * @returns [H, W] float32, px; 0 on strokes; FAR everywhere where there are none
 */
export function distanceToStrokes(width: number, height: number, isStroke: (i: number) => boolean): Float32Array {
  const distances = new Float32Array(width * height);
  for (let i = 0; i < distances.length; i++) {
    distances[i] = isStroke(i) ? 0 : i < width ? FAR : distances[i - width]! + 1; // to the next above
  }
  for (let i = distances.length - width - 1; i >= 0; i--) {
    distances[i] = Math.min(distances[i]!, distances[i + width]! + 1); // or below
  }
  const squares = new Float64Array(width);
  const lowest = new Int32Array(width); // columns whose parabolas make the envelope ...
  const from = new Float64Array(width + 1); // ... and where each takes over
  for (let start = 0; start < distances.length; start += width) {
    for (let x = 0; x < width; x++) squares[x] = distances[start + x]! ** 2;
    let last = 0;
    lowest[0] = 0;
    from[0] = -Infinity;
    for (let q = 1; q < width; q++) {
      let meets = crossing(squares, lowest[last]!, q);
      while (meets <= from[last]!) meets = crossing(squares, lowest[--last]!, q);
      lowest[++last] = q;
      from[last] = meets;
    }
    from[last + 1] = Infinity;
    for (let x = 0, k = 0; x < width; x++) {
      while (from[k + 1]! < x) k++;
      distances[start + x] = Math.min(FAR, Math.sqrt((x - lowest[k]!) ** 2 + squares[lowest[k]!]!));
    }
  }
  return distances;
}

/** Where the parabola of column q comes below that of column p < q. */
function crossing(squares: Float64Array, p: number, q: number): number {
  return (squares[q]! + q * q - squares[p]! - p * p) / (2 * (q - p));
}
