/**
 * Thins ink to lines one px wide that are joined as the ink was.
 *
 * @see Z. Guo and R. Hall 1989, Parallel thinning with two-subiteration algorithms, algorithm A1
 */
import type { InkBox } from './ink.js';
import type { InkImage } from './types.js';

/**
 * @param ink - [H, W] uint8; what is at least `level` is ink
 * @returns the box cut out with one px of paper around it, uint8: 1 = line, 0 = paper
 */
export function thin(ink: InkImage, box: InkBox, level: number): InkImage {
  const width = box.right - box.left + 2;
  const height = box.bottom - box.top + 2;
  const data = new Uint8Array(width * height);
  const pixels = new Int32Array(width * height); // the first `left` of them are still ink
  let left = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      if (ink.data[y * ink.width + x]! < level) continue;
      const i = (y - box.top + 1) * width + (x - box.left + 1);
      data[i] = 1;
      pixels[left++] = i;
    }
  }
  const erased = new Int32Array(left);
  for (let before = -1; before !== left; ) {
    before = left;
    for (const erasable of [ERASABLE_FIRST, ERASABLE_SECOND]) {
      let [kept, lost] = [0, 0];
      for (let n = 0; n < left; n++) {
        const i = pixels[n]!;
        if (erasable[neighbourhood(data, i, width)] === 1) erased[lost++] = i;
        else pixels[kept++] = i;
      }
      for (let n = 0; n < lost; n++) data[erased[n]!] = 0; // all at once: each was judged by the same picture
      left = kept;
    }
  }
  return { width, height, data };
}

/** The eight neighbours as bits, clockwise from the one above: N 1, NE 2, E 4, SE 8, S 16, SW 32, W 64, NW 128. */
function neighbourhood(data: Uint8Array, i: number, width: number): number {
  const above = i - width;
  const below = i + width;
  return (
    data[above]! |
    (data[above + 1]! << 1) |
    (data[i + 1]! << 2) |
    (data[below + 1]! << 3) |
    (data[below]! << 4) |
    (data[below - 1]! << 5) |
    (data[i - 1]! << 6) |
    (data[above - 1]! << 7)
  );
}

/**
 * [256] by neighbourhood, 1 where a pixel goes: its neighbours are one piece (C = 1), it is neither the end of a line nor
 * inside (2 <= N <= 3), and no side of this pass holds it.
 */
const ERASABLE_FIRST = erasable(([, , , , s, sw, w, nw]) => ((s | sw | (1 - nw)) & w) === 0);
const ERASABLE_SECOND = erasable(([n, ne, e, se]) => ((n | ne | (1 - se)) & e) === 0);

type Neighbours = readonly [n: number, ne: number, e: number, se: number, s: number, sw: number, w: number, nw: number];

function erasable(isFree: (neighbours: Neighbours) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => {
    const p = Array.from({ length: 8 }, (_, bit) => (code >> bit) & 1) as unknown as Neighbours;
    const [n, ne, e, se, s, sw, w, nw] = p;
    const pieces = ((1 - n) & (ne | e)) + ((1 - e) & (se | s)) + ((1 - s) & (sw | w)) + ((1 - w) & (nw | n));
    const pairs = Math.min((nw | n) + (ne | e) + (se | s) + (sw | w), (n | ne) + (e | se) + (s | sw) + (w | nw));
    return pieces === 1 && pairs >= 2 && pairs <= 3 && isFree(p) ? 1 : 0;
  });
}
