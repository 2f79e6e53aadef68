import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { sniffFormat } from './file-format.js';
import { headerSize } from './header-size.js';
import { hugePng } from './huge-png.fixture.js';

const [width, height] = [301, 77];
const picture = () => sharp({ create: { width, height, channels: 3, background: '#a0b0c0' } });
const clear = () => picture().ensureAlpha(0.5);

const ENCODINGS: [string, () => Sharp][] = [
  ['PNG', () => picture().png()],
  ['JPEG', () => picture().jpeg()],
  ['JPEG progressive', () => picture().jpeg({ progressive: true })],
  ['JPEG with EXIF and a profile', () => picture().withMetadata({ orientation: 6 }).withIccProfile('p3').jpeg()],
  ['WebP lossy', () => picture().webp()],
  ['WebP lossless', () => picture().webp({ lossless: true })],
  ['WebP lossy with alpha', () => clear().webp()],
  ['GIF', () => picture().gif()],
];

describe('headerSize', () => {
  it.each(ENCODINGS)('reads %s', async (_, encode) => {
    const file = await encode().toBuffer();
    const { width, height } = await sharp(file).metadata();
    expect(headerSize(file, sniffFormat(file)!)).toEqual({ width, height });
  });

  it('reads sizes that nothing could hold', () => {
    expect(headerSize(hugePng(2 ** 31 - 1, 7), 'png')).toEqual({ width: 2 ** 31 - 1, height: 7 });
  });

  it('leaves TIFF to the decoder', async () => {
    expect(headerSize(await picture().tiff().toBuffer(), 'tiff')).toBeUndefined();
  });

  it.each(ENCODINGS)('says the right size of %s cut anywhere, or none', async (_, encode) => {
    const file = await encode().toBuffer();
    const format = sniffFormat(file)!;
    for (let length = 0; length < file.length; length++) {
      expect([undefined, width]).toContain(headerSize(file.subarray(0, length), format)?.width);
    }
  });

  it.each([
    ['png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
    ['jpeg', '\xff\xd8\xff'],
    ['webp', 'RIFF\0\0\0\0WEBPVP8 '],
    ['webp', 'RIFF\0\0\0\0WEBPVP8L'],
    ['webp', 'RIFF\0\0\0\0WEBPVP8X'],
    ['gif', 'GIF89a'],
  ] as const)('never throws, whatever follows the start of a %s', (format, start) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (rest) => {
        const size = headerSize(Buffer.concat([Buffer.from(start, 'latin1'), rest]), format);
        if (size !== undefined) expect(Math.min(size.width, size.height)).toBeGreaterThan(0);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
