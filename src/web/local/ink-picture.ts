/** Ink as a picture that people look at, and back. */
import type { InkImage } from '../../image/types.js';

/** @returns a PNG, paper white, ink black: what the server's `clean` answers */
export async function inkToPng({ width, height, data }: InkImage): Promise<Blob> {
  const pixels = new ImageData(width, height);
  pixels.data.fill(255);
  for (let i = 0; i < data.length; i++) pixels.data.fill(255 - data[i]!, 4 * i, 4 * i + 3);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** @param picture - dark ink on white, as `clean` gives it. @returns [H, W] uint8, 0 = paper, 255 = full ink */
export async function inkFromPng(picture: Blob): Promise<InkImage> {
  const bitmap = await createImageBitmap(picture);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data: rgba } = context.getImageData(0, 0, width, height);
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => 255 - rgba[4 * i]!) };
}
