/** Files that are no image of a signature, each in its own way. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { hugePng } from '../src/image/huge-png.fixture.js';
import { drawSignature } from '../src/image/strokes.fixture.js';

const drawing = drawSignature();
const grey = (data: Uint8Array) => sharp(data, { raw: { width: 400, height: 200, channels: 1 } }).toColourspace('b-w');
const page = (level: number) => new Uint8Array(400 * 200).fill(level);

const FORMATS: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  png: (image) => image.png(),
  jpeg: (image) => image.toColourspace('srgb').jpeg({ quality: 95 }),
  webp: (image) => image.toColourspace('srgb').webp({ lossless: true }),
  tiff: (image) => image.tiff({ compression: 'lzw' }),
};

/** Writes `signature.<format>`, `cut.<format>`, `corrupt.<format>` and the others into a new folder. */
export async function writeBadImages(folder: string): Promise<void> {
  mkdirSync(folder);
  const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);
  for (const [format, encode] of Object.entries(FORMATS)) {
    const whole = await encode(grey(drawing.data)).toBuffer();
    write(`signature.${format}`, whole);
    write(`cut.${format}`, whole.subarray(0, whole.length >> 1));
    write(`corrupt.${format}`, corrupted(whole, format));
  }
  write('letter.png', 'Dear Sir or Madam,\n');
  write('empty.png', '');
  write('huge.png', hugePng(20_000, 20_000));
  write('blank.png', await grey(page(255)).png().toBuffer());
  write('black.png', await grey(page(0)).png().toBuffer());
  const speck = page(255);
  speck[100 * 400 + 200] = 0;
  write('one-pixel.png', await grey(speck).png().toBuffer());
}

/** The same length, with 200 bytes of the pixels (of a JPEG's tables) overwritten. */
function corrupted(whole: Buffer, format: string): Buffer {
  const file = Buffer.from(whole);
  const from = format === 'jpeg' ? file.indexOf(Buffer.from([0xff, 0xda])) - 40 : (file.length >> 1) - 100;
  for (let i = from; i < from + 200 && i < file.length - 12; i++) file[i] = (i * 89 + 31) & 0x7f;
  return file;
}
