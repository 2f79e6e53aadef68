/**
 * How many pixels a file says it holds, read from its first bytes: what it may not hold is refused before it is decoded.
 *
 * @see PNG: W3C REC-png-3, 11.2.1. JPEG: ITU T.81, B.2.2. WebP: RFC 9649, 2.5 to 2.7. GIF89a, 18.
 */
import { type ImageFormat, latin1, numbersIn } from './file-format.js';

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/**
 * @returns px before EXIF orientation, or undefined where the header cannot be followed, and for TIFF, whose first page
 *   may lie anywhere
 */
export function headerSize(bytes: Uint8Array, format: ImageFormat): PixelSize | undefined {
  const size = SIZES[format]?.(bytes);
  return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
}

const SIZES: Partial<Record<ImageFormat, (bytes: Uint8Array) => PixelSize | undefined>> = {
  png(bytes) {
    if (bytes.length < 24 || latin1(bytes, 12, 16) !== 'IHDR') return undefined;
    const numbers = numbersIn(bytes);
    return { width: numbers.getUint32(16), height: numbers.getUint32(20) };
  },

  /** The first frame header: FF C0 to FF CF, but for the tables and the reserved one among them. */
  jpeg(bytes) {
    const numbers = numbersIn(bytes);
    for (let at = 2; at + 9 <= bytes.length; at += 2 + numbers.getUint16(at + 2)) {
      while (bytes[at + 1] === 0xff && at + 10 <= bytes.length) at++; // fill bytes
      const marker = bytes[at + 1]!;
      if (bytes[at] !== 0xff || marker === 0xda) return undefined;
      if (marker < 0xc0 || marker > 0xcf || [0xc4, 0xc8, 0xcc].includes(marker)) continue;
      return { height: numbers.getUint16(at + 5), width: numbers.getUint16(at + 7) };
    }
    return undefined;
  },

  webp(bytes) {
    if (bytes.length < 30) return undefined;
    const numbers = numbersIn(bytes);
    switch (latin1(bytes, 12, 16)) {
      case 'VP8 ':
        return { width: numbers.getUint16(26, true) & 0x3fff, height: numbers.getUint16(28, true) & 0x3fff };
      case 'VP8L': {
        const bits = numbers.getUint32(21, true); // 14 bits each, less one
        return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
      }
      case 'VP8X': // 24 bits each, less one
        return {
          width: (numbers.getUint32(24, true) & 0xffffff) + 1,
          height: (numbers.getUint32(26, true) >>> 8) + 1,
        };
      default:
        return undefined;
    }
  },

  gif(bytes) {
    if (bytes.length < 10) return undefined;
    const numbers = numbersIn(bytes);
    return { width: numbers.getUint16(6, true), height: numbers.getUint16(8, true) };
  },
};
