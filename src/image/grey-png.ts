/**
 * The plainest of PNG files, 8-bit grey without interlacing, which scanners write and data sets are made of: read here in
 * half the time that the general decoder takes to begin and end. It says nothing about any other file, nor about one
 * that is wrong in any way: those are the general decoder's.
 *
 * @see W3C REC-png-3, sections 5, 9 and 10
 */
import { crc32, inflateSync } from 'node:zlib';

/** Larger ones are decoded beside this thread, so that it is not held up. */
const MOST_PIXELS = 1_000_000;

/** Chunks that change no pixel. Any other, a colour profile, transparency, is the general decoder's. */
const WITHOUT_EFFECT = new Set(['pHYs', 'tEXt', 'zTXt', 'iTXt', 'tIME']);

/** @returns [H, W] uint8, 0 = black, 255 = white; undefined for any other file */
export function decodeGreyPng(bytes: Buffer): Uint8Array | undefined {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (bytes.readUInt32BE(24) !== 0x08_00_00_00 || bytes[28] !== 0 || width * height > MOST_PIXELS) return undefined;
  const compressed = pixelData(bytes);
  if (compressed === undefined) return undefined;
  const length = height * (width + 1);
  try {
    const filtered = inflateSync(compressed, { maxOutputLength: length });
    return filtered.length === length ? unfilter(filtered, width, height) : undefined;
  } catch {
    return undefined;
  }
}

/** What lies in the IDAT chunks of a file whose chunks are all known and sound. */
function pixelData(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 8 + length;
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) return undefined;
    if (type === 'IEND') return parts.length === 1 ? parts[0] : Buffer.concat(parts);
    if (type === 'IDAT') parts.push(bytes.subarray(at + 8, end));
    else if (at > 8 && !WITHOUT_EFFECT.has(type)) return undefined;
    at = end + 4;
  }
  return undefined;
}

/** Each row says which neighbours its pixels were told from: none, left, above, their mean, or the nearest (Paeth). */
function unfilter(filtered: Uint8Array, width: number, height: number): Uint8Array | undefined {
  const pixels = new Uint8Array(width * height);
  let above = new Uint8Array(width);
  for (let y = 0; y < height; y++) {
    const from = y * (width + 1) + 1;
    const row = pixels.subarray(y * width, (y + 1) * width);
    switch (filtered[from - 1]) {
      case 0:
        row.set(filtered.subarray(from, from + width));
        break;
      case 1:
        for (let x = 0, left = 0; x < width; x++) left = row[x] = (filtered[from + x]! + left) & 0xff;
        break;
      case 2:
        for (let x = 0; x < width; x++) row[x] = filtered[from + x]! + above[x]!;
        break;
      case 3:
        for (let x = 0, left = 0; x < width; x++)
          left = row[x] = (filtered[from + x]! + ((left + above[x]!) >> 1)) & 0xff;
        break;
      case 4:
        for (let x = 0, left = 0, corner = 0; x < width; x++) {
          const up = above[x]!;
          left = row[x] = (filtered[from + x]! + nearest(left, up, corner)) & 0xff;
          corner = up;
        }
        break;
      default:
        return undefined;
    }
    above = row;
  }
  return pixels;
}

function nearest(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
