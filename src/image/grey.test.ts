import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { decodeImage } from './decode.js';
import { writeGrey } from './grey.js';

describe('writeGrey', () => {
  it('keeps what is grey already', () => {
    const rgba = Uint8Array.from({ length: 256 * 4 }, (_, i) => (i % 4 === 3 ? 255 : i >> 2));
    const grey = new Uint8Array(256);
    writeGrey(rgba, grey);
    expect([...grey]).toEqual([...grey.keys()]);
  });

  it('gives a million colours the level that the server gives them', async () => {
    const side = 1000;
    const rng = new Rng('colours');
    const rgba = Uint8Array.from({ length: side * side * 4 }, (_, i) => (i % 4 === 3 ? 255 : rng.uint32() >>> 24));
    const raw = { width: side, height: side, channels: 4 as const };
    const expected = (await decodeImage(await sharp(rgba, { raw }).png({ compressionLevel: 0 }).toBuffer())).data;
    const grey = new Uint8Array(side * side);
    writeGrey(rgba, grey);
    const differences = grey.map((level, i) => Math.abs(level - expected[i]!));
    expect(Math.max(...new Set(differences))).toBeLessThanOrEqual(1);
    expect(differences.reduce((a, b) => a + b)).toBeLessThan(30); // where the last bit of a float decides
  });
});
