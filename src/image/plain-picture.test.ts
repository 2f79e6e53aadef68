import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { plainPicture } from './plain-picture.js';

const canvas = { height: 16, width: 24 };
const grey = (width: number, height: number, pixels: readonly number[]) =>
  sharp(
    Uint8Array.from({ length: width * height }, (_, i) => pixels[i % pixels.length]!),
    {
      raw: { width, height, channels: 1 },
    },
  )
    .png()
    .toBuffer();

describe('a picture as it is', () => {
  it('of the size asked for keeps every pixel', async () => {
    const pixels = Array.from({ length: 16 * 24 }, (_, i) => (i * 37) % 256);
    const { ink } = await plainPicture(await grey(24, 16, pixels), { canvas, resize: 'stretch', marginPx: 0 });
    expect(ink).toMatchObject({ width: 24, height: 16 });
    expect([...ink.data]).toEqual(pixels.map((value) => 255 - value));
  });

  it('is stretched by the mean of what each pixel covers, paper and all', async () => {
    const { ink } = await plainPicture(await grey(48, 16, [100, 200]), { canvas, resize: 'stretch', marginPx: 0 });
    expect(new Set(ink.data)).toEqual(new Set([255 - 150]));
  });

  it.each([
    ['fit', 40, 20, { left: 2, top: 3, right: 22, bottom: 13 }],
    ['fit', 10, 100, { left: 11, top: 2, right: 12, bottom: 14 }],
    ['stretch', 10, 100, { left: 2, top: 2, right: 22, bottom: 14 }],
  ] as const)('%s: %i x %i px leaves the margin white', async (resize, width, height, box) => {
    const { ink } = await plainPicture(await grey(width, height, [55]), { canvas, resize, marginPx: 2 });
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 24; x++) {
        const isInside = x >= box.left && x < box.right && y >= box.top && y < box.bottom;
        expect(ink.data[y * 24 + x], `${x}, ${y}`).toBe(isInside ? 200 : 0);
      }
    }
  });

  it('is told when it cannot be read', async () => {
    const unread = plainPicture(Buffer.from('no picture'), { canvas, resize: 'fit', marginPx: 0 });
    await expect(unread).rejects.toMatchObject({ code: 'IMAGE_UNDECODABLE' });
  });
});
