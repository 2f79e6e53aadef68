import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { InkImage } from '../image/types.js';

/*
 * A cached image: 'CSI1', then width, height and CRC-32 of the pixels as uint32 little-endian, then the pixels
 * [height, width] compressed (raw deflate). Mostly paper, so about a tenth of its size.
 */
const MAGIC = 'CSI1';
const HEADER_BYTES = 16;
const MAX_PIXELS = 2048 * 2048;

/** @param image - [H, W] uint8 */
export function encodeCacheEntry({ width, height, data }: InkImage): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(width, 4);
  header.writeUInt32LE(height, 8);
  header.writeUInt32LE(crc32(data), 12);
  return Buffer.concat([header, deflateRawSync(data, { level: 1 })]);
}

/** @returns undefined for anything but a whole entry: cut short, damaged, of another format */
export function decodeCacheEntry(entry: Buffer): InkImage | undefined {
  if (entry.length < HEADER_BYTES || entry.toString('latin1', 0, 4) !== MAGIC) return undefined;
  const width = entry.readUInt32LE(4);
  const height = entry.readUInt32LE(8);
  if (width * height === 0 || width * height > MAX_PIXELS) return undefined;
  try {
    const size = width * height;
    const data = inflateRawSync(entry.subarray(HEADER_BYTES), { maxOutputLength: size, chunkSize: Math.max(64, size) });
    if (data.length !== width * height || crc32(data) !== entry.readUInt32LE(12)) return undefined;
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch {
    return undefined;
  }
}
