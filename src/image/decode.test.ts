import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../core/errors.js';
import { decodeImage } from './decode.js';
import { hugePng } from './huge-png.fixture.js';
import { drawSignature } from './strokes.fixture.js';
import type { GreyImage } from './types.js';

const drawing = drawSignature();
const grey = () => sharp(drawing.data, { raw: { width: 400, height: 200, channels: 1 } }).toColourspace('b-w');
const rgb = () => grey().toColourspace('srgb');
const bilevel = () => grey().threshold(128).toColourspace('b-w');

/** Every way the drawing may come, and how far the worst pixel and the mean may be off. */
const ENCODINGS: [string, () => Sharp, number, number][] = [
  ['PNG grey 8 bit', () => grey().png(), 0, 0],
  ['PNG RGB', () => rgb().png(), 1, 1],
  ['PNG palette', () => rgb().png({ palette: true }), 24, 3],
  ['PNG grey 16 bit', () => grey().toColourspace('grey16').png(), 1, 1],
  ['PNG RGB 16 bit', () => rgb().toColourspace('rgb16').png(), 1, 1],
  ['PNG interlaced', () => grey().png({ progressive: true }), 0, 0],
  ['JPEG grey', () => grey().jpeg({ quality: 95 }), 40, 2],
  ['JPEG RGB', () => rgb().jpeg({ quality: 95 }), 40, 2],
  ['JPEG progressive', () => rgb().jpeg({ quality: 95, progressive: true }), 40, 2],
  ['JPEG CMYK', () => rgb().toColourspace('cmyk').jpeg({ quality: 98 }), 90, 16],
  ['WebP lossless', () => rgb().webp({ lossless: true }), 1, 1],
  ['WebP lossy', () => rgb().webp({ quality: 95 }), 60, 4],
  ['TIFF LZW', () => grey().tiff({ compression: 'lzw' }), 0, 0],
  ['TIFF deflate tiled', () => rgb().tiff({ compression: 'deflate', tile: true }), 1, 1],
  ['TIFF 16 bit', () => grey().toColourspace('grey16').tiff({ compression: 'none' }), 1, 1],
  ['TIFF CMYK', () => rgb().toColourspace('cmyk').tiff({ compression: 'lzw' }), 90, 16],
  ['GIF', () => rgb().gif(), 40, 4],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-decode-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('decodeImage', () => {
  it.each(ENCODINGS)('reads %s', async (_, encode, worst, mean) => {
    const image = await decodeImage(await encode().toBuffer());
    expect([image.width, image.height, image.damaged]).toEqual([400, 200, false]);
    const difference = compare(image, drawing);
    expect(difference.worst).toBeLessThanOrEqual(worst);
    expect(difference.mean).toBeLessThanOrEqual(mean);
  });

  it.each(['ccittfax4', 'lzw'] as const)('reads bilevel TIFF %s', async (compression) => {
    const expected = { ...drawing, data: drawing.data.map((level) => (level < 128 ? 0 : 255)) };
    const image = await decodeImage(await bilevel().tiff({ compression, bitdepth: 1, predictor: 'none' }).toBuffer());
    expect(compare(image, expected).worst).toBe(0);
  });

  it('takes a GIF to its trailer: what follows is nobody’s, and one that is cut at a byte like it is not whole', async () => {
    const whole = await rgb().gif().toBuffer();
    await decodeImage(Buffer.concat([whole, Buffer.from('\n')]));
    const cut = whole.subarray(0, whole.length - 3);
    await expectCode(decodeImage(Buffer.concat([cut, Buffer.from(';')])), 'IMAGE_TRUNCATED');
  });

  it('flattens transparency on white, of 8 and 16 bit', async () => {
    for (const space of ['srgb', 'rgb16']) {
      const clear = sharp({
        create: { width: 40, height: 30, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
      });
      const image = await decodeImage(await clear.toColourspace(space).png().toBuffer());
      expect(Math.min(...image.data)).toBeGreaterThanOrEqual(254); // 16 bit white is rounded down
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('applies EXIF orientation %i', async (orientation) => {
    const file = await grey().withMetadata({ orientation }).png().toBuffer();
    const image = await decodeImage(file);
    const turned = orientation >= 5;
    expect([image.width, image.height]).toEqual(turned ? [200, 400] : [400, 200]);
    expect([image.sourceWidth, image.sourceHeight]).toEqual(turned ? [200, 400] : [400, 200]);
    const { data } = await sharp(file).autoOrient().toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    expect(Buffer.compare(data, Buffer.from(image.data))).toBe(0);
    if (orientation > 1) expect(Buffer.compare(data, Buffer.from(drawing.data))).not.toBe(0);
  });

  it('reads the first page of a TIFF of several', async () => {
    const pages = Buffer.concat([Buffer.from(drawing.data), Buffer.alloc(400 * 200, 7)]);
    const file = await sharp(pages, { raw: { width: 400, height: 400, channels: 1, pageHeight: 200 } })
      .toColourspace('b-w')
      .tiff({ compression: 'lzw' })
      .toBuffer();
    expect((await sharp(file).metadata()).pages).toBe(2);
    expect(compare(await decodeImage(file), drawing).worst).toBe(0);
  });

  it('reduces while decoding and remembers the size in the file', async () => {
    const image = await decodeImage(await rgb().jpeg().toBuffer(), {}, 100);
    expect([image.width, image.height, image.sourceWidth, image.sourceHeight]).toEqual([100, 50, 400, 200]);
  });

  it.each(ENCODINGS)('says that %s cut in half is truncated', async (name, encode) => {
    const whole = await encode().toBuffer();
    await expectCode(decodeImage(whole.subarray(0, whole.length >> 1)), 'IMAGE_TRUNCATED');
    await expectCode(decodeImage(whole.subarray(0, 12)), 'IMAGE_TRUNCATED');
    if (!name.startsWith('GIF')) await expectCode(decodeImage(whole.subarray(0, whole.length - 8)), 'IMAGE_TRUNCATED');
  });

  it('says that a fax TIFF cut in half is truncated', async () => {
    const whole = await bilevel().tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer();
    await expectCode(decodeImage(whole.subarray(0, whole.length >> 1)), 'IMAGE_TRUNCATED');
  });

  it.each(['PNG grey 8 bit', 'JPEG RGB', 'WebP lossless', 'TIFF LZW'])('refuses a corrupt %s', async (name) => {
    const file = await ENCODINGS.find(([encoding]) => encoding === name)![1]().toBuffer();
    const from = name.startsWith('JPEG') ? file.indexOf(Buffer.from([0xff, 0xda])) - 40 : (file.length >> 1) - 100;
    for (let i = from; i < from + 200 && i < file.length - 12; i++) file[i] = (i * 89 + 31) & 0x7f;
    await expectCode(decodeImage(file), 'IMAGE_UNDECODABLE');
  });

  it('refuses what is no image, with a code for each reason', async () => {
    const text = join(folder, 'letter.png');
    await writeFile(text, 'Dear Sir or Madam,\n');
    await expectCode(decodeImage(text), 'IMAGE_UNDECODABLE');
    const empty = join(folder, 'empty.png');
    await writeFile(empty, '');
    await expectCode(decodeImage(empty), 'IMAGE_EMPTY_FILE');
    await expectCode(decodeImage(new Uint8Array(0)), 'IMAGE_EMPTY_FILE');
    await expectCode(decodeImage(join(folder, 'missing.png')), 'IMAGE_NOT_FOUND');
    await expectCode(decodeImage(folder), 'IMAGE_UNDECODABLE');
    await expectCode(decodeImage(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')), 'IMAGE_UNDECODABLE');
  });

  it('checks the byte limit before it reads', async () => {
    const file = join(folder, 'drawing.png');
    await writeFile(file, await grey().png().toBuffer());
    await expectCode(decodeImage(file, { maxBytes: 100 }), 'IMAGE_TOO_MANY_BYTES');
  });

  it('refuses a PNG of 20,000 x 20,000 by its header', async () => {
    await expectCode(decodeImage(hugePng(20_000, 20_000)), 'IMAGE_TOO_MANY_PIXELS');
    await expectCode(decodeImage(await grey().png().toBuffer(), { maxPixels: 79_999 }), 'IMAGE_TOO_MANY_PIXELS');
  });
});

function compare(a: GreyImage, b: GreyImage): { worst: number; mean: number } {
  let [worst, sum] = [0, 0];
  for (let i = 0; i < b.data.length; i++) {
    const difference = Math.abs(a.data[i]! - b.data[i]!);
    worst = Math.max(worst, difference);
    sum += difference;
  }
  return { worst, mean: sum / b.data.length };
}

async function expectCode(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (cause) => cause,
  );
  expect(error).toMatchObject({ name: 'CountersignError', code });
  expect(error.message).toMatch(/^Expected /);
}
