import sharp from 'sharp';
import type { InkImage } from './types.js';

/**
 * A picture that people look at: paper white, ink black.
 *
 * @param ink - [H, W] uint8, 0 = paper, 255 = full ink
 * @returns bytes of an 8-bit grey PNG of the same size
 */
export async function inkToPng(ink: InkImage): Promise<Buffer> {
  const grey = Buffer.alloc(ink.data.length);
  for (let i = 0; i < grey.length; i++) grey[i] = 255 - ink.data[i]!;
  const raw = { width: ink.width, height: ink.height, channels: 1 as const };
  return sharp(grey, { raw }).toColourspace('b-w').png().toBuffer();
}
