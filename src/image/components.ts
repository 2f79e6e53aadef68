/** One connected piece of ink. */
export interface InkComponent {
  readonly label: number;
  /** Pixels in it, and pixel sides that face paper: 2 areaPx / edgesPx is the mean width of its strokes, in px. */
  readonly areaPx: number;
  readonly edgesPx: number;
  readonly left: number;
  readonly top: number;
  /** Inclusive. */
  readonly right: number;
  readonly bottom: number;
}

export interface Labelling {
  /** [H, W] int32: 0 = paper, otherwise the label of a component (1, 2, ...). */
  readonly labels: Int32Array;
  /** `components[label - 1]`. */
  readonly components: readonly InkComponent[];
}

/**
 * Pieces of ink by hysteresis: connected (8 neighbours) pixels at or above `low` that hold at least one at or above
 * `high`. A faint stroke joined to a dark one stays; paper texture by itself goes.
 *
 * @param darkness - [H, W] uint8
 * @see J. Canny 1986, section IX (hysteresis)
 */
export function labelInk(darkness: Uint8Array, width: number, height: number, low: number, high: number): Labelling {
  const labels = new Int32Array(width * height);
  const components: InkComponent[] = [];
  let stack = new Int32Array(4096);
  for (let seed = 0; seed < darkness.length; seed++) {
    if (darkness[seed]! < high || labels[seed] !== 0) continue;
    const label = components.length + 1;
    let [areaPx, edgesPx] = [0, 0];
    let [left, top, right, bottom] = [width, height, 0, 0];
    let depth = 0;
    stack[depth++] = seed;
    labels[seed] = label;
    while (depth > 0) {
      const i = stack[--depth]!;
      const y = (i / width) | 0;
      const x = i - y * width;
      areaPx++;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
      if (depth + 8 > stack.length) {
        const larger = new Int32Array(stack.length * 2);
        larger.set(stack);
        stack = larger;
      }
      for (let dy = -1; dy <= 1; dy++) {
        const yy = y + dy;
        for (let dx = -1; dx <= 1; dx++) {
          const xx = x + dx;
          const side = dx === 0 || dy === 0;
          if (yy < 0 || yy >= height || xx < 0 || xx >= width) {
            if (side) edgesPx++;
            continue;
          }
          const j = yy * width + xx;
          if (darkness[j]! < low) {
            if (side) edgesPx++;
          } else if (labels[j] === 0) {
            labels[j] = label;
            stack[depth++] = j;
          }
        }
      }
    }
    components.push({ label, areaPx, edgesPx, left, top, right, bottom });
  }
  return { labels, components };
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
