import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { decodeImage } from './decode.js';
import { resample } from './geometry.js';
import { inkToPng } from './render.js';

const rng = new Rng(1);
const image = { width: 13, height: 9, data: Uint8Array.from({ length: 117 }, () => rng.int(256)) };
const whole = { left: 0, top: 0, right: 13, bottom: 9 };

describe('resample', () => {
  it('copies a box of the same size', () => {
    expect(resample(image, whole, 13, 9).data).toEqual(image.data);
    const box = { left: 2, top: 3, right: 7, bottom: 6 };
    const cut = resample(image, box, 5, 3);
    for (let y = 0; y < 3; y++)
      for (let x = 0; x < 5; x++) expect(cut.data[y * 5 + x]).toBe(image.data[(y + 3) * 13 + x + 2]);
  });

  it('averages the covered area, as a naive sum over a fine grid does', () => {
    const small = resample(image, whole, 5, 4);
    const fine = 150;
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 5; x++) {
        let sum = 0;
        for (let v = 0; v < fine; v++) {
          for (let u = 0; u < fine; u++) {
            const sourceX = Math.floor(((x + (u + 0.5) / fine) * 13) / 5);
            const sourceY = Math.floor(((y + (v + 0.5) / fine) * 9) / 4);
            sum += image.data[sourceY * 13 + sourceX]!;
          }
        }
        expect(Math.abs(small.data[y * 5 + x]! - sum / fine ** 2)).toBeLessThan(2);
      }
    }
  });

  it('interpolates between pixel centres where it enlarges', () => {
    const pair = { width: 2, height: 1, data: Uint8Array.of(0, 200) };
    expect([...resample(pair, { left: 0, top: 0, right: 2, bottom: 1 }, 4, 1).data]).toEqual([0, 50, 150, 200]);
  });
});

describe('inkToPng', () => {
  it('paints ink black on white paper', async () => {
    const ink = { width: 3, height: 1, data: Uint8Array.of(0, 100, 255) };
    expect([...(await decodeImage(await inkToPng(ink))).data]).toEqual([255, 155, 0]);
  });
});
