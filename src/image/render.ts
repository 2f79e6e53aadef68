import sharp from 'sharp';
import type { GreyImage, InkImage } from './types.js';

/**
 * A picture that people look at: paper white, ink black.
 *
 * @param ink - [H, W] uint8, 0 = paper, 255 = full ink
 * @returns bytes of an 8-bit grey PNG of the same size
 */
export async function inkToPng(ink: InkImage): Promise<Buffer> {
  const grey = Buffer.alloc(ink.data.length);
  for (let i = 0; i < grey.length; i++) grey[i] = 255 - ink.data[i]!;
  return pictureOf({ ...ink, data: grey })
    .png()
    .toBuffer();
}

/** @param image - [H, W] uint8, 0 = black. @returns bytes of a JPEG of the same size */
export function greyToJpeg(image: GreyImage): Promise<Buffer> {
  return pictureOf(image).jpeg().toBuffer();
}

function pictureOf({ width, height, data }: GreyImage) {
  return sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
}
