/**
 * Colours to grey: the luminance of the light that the pixel stands for, encoded as sRGB again. What the server's decoder
 * does (libvips, `b-w`), to one level; pixels that are grey already keep theirs exactly.
 *
 * @see IEC 61966-2-1 (sRGB), ITU-R BT.709 for the weights
 */

const [RED, GREEN, BLUE] = [0.2126, 0.7152, 0.0722];
/** Steps of light: fine enough that even the darkest levels, which lie closest, are told apart. */
const STEPS = 1 << 14;

const light = Float32Array.from({ length: 256 }, (_, level) => {
  const share = level / 255;
  return STEPS * (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
});
const levels = Uint8Array.from({ length: STEPS + 1 }, (_, step) => {
  const share = step / STEPS;
  return Math.round(255 * (share <= 0.0031308 ? 12.92 * share : 1.055 * share ** (1 / 2.4) - 0.055));
});

/**
 * @param rgba - [N, 4] uint8; alpha is passed over
 * @param grey - [N] uint8, written
 */
export function writeGrey(rgba: Uint8Array | Uint8ClampedArray, grey: Uint8Array): void {
  for (let i = 0, p = 0; i < grey.length; i++, p += 4) {
    const r = rgba[p]!;
    const g = rgba[p + 1]!;
    const b = rgba[p + 2]!;
    grey[i] = r === g && g === b ? r : levels[(RED * light[r]! + GREEN * light[g]! + BLUE * light[b]! + 0.5) | 0]!;
  }
}
