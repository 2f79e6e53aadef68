import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeGreyPng } from './grey-png.js';
import { drawSignature } from './strokes.fixture.js';

const { width, height, data } = drawSignature({ width: 333, height: 150 });
const noisy = data.map((value, i) => (value + ((i * 2654435761) >>> 28)) & 0xff);
const grey = (pixels: Uint8Array) => sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace('b-w');

describe('a plain grey PNG', () => {
  it('is what the general decoder reads, whatever its rows were filtered by', async () => {
    for (const pixels of [data, noisy]) {
      for (const options of [
        { adaptiveFiltering: false },
        { adaptiveFiltering: true },
        { adaptiveFiltering: true, compressionLevel: 9 },
      ]) {
        const file = await grey(pixels).png(options).toBuffer();
        const expected = await sharp(file).toColourspace('b-w').raw().toBuffer();
        expect(Buffer.from(decodeGreyPng(file)!).equals(expected)).toBe(true);
      }
    }
  });

  it('has rows by each of the five filters in this test', async () => {
    const seen = new Set<number>();
    for (const pixels of [data, noisy]) {
      const { inflateSync } = await import('node:zlib');
      const file = await grey(pixels).png({ adaptiveFiltering: true }).toBuffer();
      const parts: Buffer[] = [];
      for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
        if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
          parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
      }
      const rows = inflateSync(Buffer.concat(parts));
      for (let y = 0; y < height; y++) seen.add(rows[y * (width + 1)]!);
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('is left to the general decoder where it is anything else, or wrong in any way', async () => {
    const file = await grey(data).png().toBuffer();
    const chunk = (type: string, body: Buffer) => {
      const told = Buffer.concat([Buffer.from(type, 'latin1'), body]);
      const out = Buffer.alloc(body.length + 12);
      out.writeUInt32BE(body.length, 0);
      told.copy(out, 4);
      out.writeUInt32BE(crc32(told), body.length + 8);
      return out;
    };
    const withChunk = (extra: Buffer) => Buffer.concat([file.subarray(0, 33), extra, file.subarray(33)]);
    expect(decodeGreyPng(withChunk(chunk('tEXt', Buffer.from('by\0hand'))))).toBeDefined();
    for (const other of [
      await grey(data).toColourspace('srgb').png().toBuffer(),
      await grey(data).toColourspace('grey16').png().toBuffer(),
      await grey(data).png({ progressive: true }).toBuffer(),
      withChunk(chunk('tRNS', Buffer.from([0, 255]))),
      withChunk(chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f]))),
      file.subarray(0, file.length - 20),
      Buffer.from(file).fill(0, 60, 64),
    ]) {
      expect(decodeGreyPng(other)).toBeUndefined();
    }
  });
});
