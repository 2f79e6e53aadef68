/** One connected piece of ink. */
export interface InkComponent {
  /** Pixels in it, and pixel sides that face paper: 2 areaPx / edgesPx is the mean width of its strokes, in px. */
  readonly areaPx: number;
  readonly edgesPx: number;
  readonly left: number;
  readonly top: number;
  /** Inclusive. */
  readonly right: number;
  readonly bottom: number;
  /** Its pixels are `pixels[start]` to `pixels[end - 1]` of the pieces. */
  readonly start: number;
  readonly end: number;
}

export interface InkPieces {
  readonly components: readonly InkComponent[];
  /** Index in the picture of every ink pixel, component by component. */
  readonly pixels: Int32Array;
}

/**
 * Pieces of ink by hysteresis: connected (8 neighbours) pixels at or above `low` that hold at least one at or above
 * `high`. A faint stroke joined to a dark one stays; paper texture by itself goes.
 *
 * @param darkness - [H, W] uint8
 * @see J. Canny 1986, section IX (hysteresis)
 */
export function findInk(darkness: Uint8Array, width: number, height: number, low: number, high: number): InkPieces {
  const seen = new Uint8Array(width * height);
  const components: InkComponent[] = [];
  let pixels = new Int32Array(4096);
  let end = 0;
  for (let seed = 0; seed < darkness.length; seed++) {
    if (darkness[seed]! < high || seen[seed] !== 0) continue;
    const start = end;
    let edgesPx = 0;
    let [left, top, right, bottom] = [width, height, 0, 0];
    pixels[end++] = seed;
    seen[seed] = 1;
    for (let at = start; at < end; at++) {
      if (end + 8 > pixels.length) {
        const larger = new Int32Array(pixels.length * 2);
        larger.set(pixels);
        pixels = larger;
      }
      const i = pixels[at]!;
      const y = (i / width) | 0;
      const x = i - y * width;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
      const before = x === 0 ? 0 : 1;
      const after = x === width - 1 ? 0 : 1;
      const above = y === 0 ? 0 : width;
      const below = y === height - 1 ? 0 : width;
      edgesPx += 1 - before + (1 - after) + (above === 0 ? 1 : 0) + (below === 0 ? 1 : 0);
      for (let row = i - above; row <= i + below; row += width) {
        for (let j = row - before; j <= row + after; j++) {
          if (darkness[j]! < low) {
            if (j === row || row === i) edgesPx++;
          } else if (seen[j] === 0) {
            seen[j] = 1;
            pixels[end++] = j;
          }
        }
      }
    }
    components.push({ areaPx: end - start, edgesPx, left, top, right, bottom, start, end });
  }
  return { components, pixels };
}

/** Mean width of the strokes of some pieces of ink, in px: 0 where there are none. */
export function strokeWidthPx(components: readonly InkComponent[]): number {
  let area = 0;
  let edges = 0;
  for (const component of components) {
    area += component.areaPx;
    edges += component.edgesPx;
  }
  return edges === 0 ? 0 : (2 * area) / edges;
}
