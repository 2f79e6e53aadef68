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

  it('gives each colour the level that the server gives it, to one', async () => {
    const [width, height] = [256, 256];
    const rng = new Rng('colours');
    const rgba = Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : rng.int(256)));
    const file = await sharp(rgba, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer();
    const expected = (await decodeImage(file)).data;
    const grey = new Uint8Array(width * height);
    writeGrey(rgba, grey);
    const differences = grey.map((level, i) => Math.abs(level - expected[i]!));
    expect(Math.max(...differences)).toBe(1);
    expect(differences.filter((difference) => difference > 0).length / grey.length).toBeLessThan(0.25);
  });
});
