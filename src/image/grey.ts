/**
 * Colours to grey as the server's decoder makes it (libvips, `b-w`): the luminance of the light that the pixel stands for,
 * encoded as sRGB again between the nearest two of 256 steps of light. The same level but for about one colour in 100,000,
 * where the last bit of a float decides.
 *
 * @see IEC 61966-2-1 (sRGB), ITU-R BT.709 for the weights; libvips, LabQ2sRGB.c
 */

const [RED, GREEN, BLUE] = [0.2126, 0.7152, 0.0722];

/** [256] light of a level, 0 .. 255. */
const light = Float32Array.from({ length: 256 }, (_, level) => {
  const share = level / 255;
  return 255 * (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
});
/** [257] level of a light, 0 .. 255 and the last once more. */
const levels = Uint8Array.from({ length: 257 }, (_, step) => {
  const share = Math.min(255, step) / 255;
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
    grey[i] = r === g && g === b ? r : levelOf(RED * light[r]! + GREEN * light[g]! + BLUE * light[b]!);
  }
}

function levelOf(step: number): number {
  const below = step | 0;
  const level = levels[below]!;
  return level + (levels[below + 1]! - level) * (step - below) + 0.5; // cut where it is stored
}
