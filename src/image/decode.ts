import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { CountersignError, type ErrorCode } from '../core/errors.js';
import { DEFAULT_DECODE_LIMITS, type DecodeLimits } from './decode-limits.js';
import { requireBytes, requireFormat, requirePixels, requireWhole, truncated, undecodable } from './file-checks.js';
import { endsEarly, type ImageFormat } from './file-format.js';
import { decodeGreyPng } from './grey-png.js';
import { headerSize, type PixelSize } from './header-size.js';
import type { DecodedImage } from './types.js';

// Its CommonJS files: through `import`, Node looks into each of them for exports, which takes longer than sharp itself.
const sharp = createRequire(import.meta.url)('sharp') as typeof import('sharp').default;

interface ImageHeader extends PixelSize {
  readonly compression?: string | undefined;
}

/**
 * Reads a PNG, JPEG, WebP, TIFF (first page) or GIF (first frame) of any bit depth as grey: transparent parts are
 * white, EXIF orientation is applied. Size in bytes and in px is checked before anything is decoded.
 *
 * @param source - path of a file, or the file's bytes
 * @param limits - what the file may ask of this machine
 * @param reduceToSidePx - reduce while decoding so that the longer side has at most this many px (a JPEG of a camera
 *   is then never decoded whole)
 * @returns [H, W] uint8, 0 = black, 255 = white
 * @throws CountersignError IMAGE_NOT_FOUND, IMAGE_EMPTY_FILE, IMAGE_TOO_MANY_BYTES, IMAGE_TOO_MANY_PIXELS,
 *   IMAGE_TRUNCATED, IMAGE_UNDECODABLE
 */
export async function decodeImage(
  source: string | Uint8Array,
  limits: DecodeLimits = {},
  reduceToSidePx?: number,
): Promise<DecodedImage> {
  const name = typeof source === 'string' ? source : 'the image';
  const bytes = await readImageFile(source, limits);
  const format = requireFormat(bytes, name);
  const header = await readHeader(bytes, format, name);
  requirePixels(header, name, limits);
  requireWhole(bytes, format, name);
  const { width, height } = header;
  const fits = reduceToSidePx === undefined || Math.max(width, height) <= reduceToSidePx;
  const plain = format === 'png' && fits ? decodeGreyPng(bytes) : undefined;
  if (plain !== undefined) {
    return { width, height, data: plain, format, sourceWidth: width, sourceHeight: height, damaged: false };
  }
  const maxPixels = limits.maxPixels ?? DEFAULT_DECODE_LIMITS.maxPixels;
  return decodePixels(bytes, format, header, name, maxPixels, reduceToSidePx);
}

/**
 * The bytes of an image file, whatever they hold.
 *
 * @throws CountersignError IMAGE_NOT_FOUND, IMAGE_EMPTY_FILE, IMAGE_TOO_MANY_BYTES, IMAGE_UNDECODABLE for what is no file
 */
export async function readImageFile(source: string | Uint8Array, limits: DecodeLimits = {}): Promise<Buffer> {
  if (typeof source !== 'string') {
    requireBytes(source.length, 'the image', limits);
    return Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  }
  try {
    const status = await stat(source);
    if (!status.isFile()) throw undecodable(source, 'it is not a file');
    requireBytes(status.size, source, limits);
    return await readFile(source);
  } catch (cause) {
    if (cause instanceof CountersignError) throw cause;
    throw unreadable(source, cause);
  }
}

async function readHeader(bytes: Buffer, format: ImageFormat, name: string): Promise<ImageHeader> {
  const said = headerSize(bytes, format); // the decoder would take a tenth of all preparation for it
  if (said !== undefined) return said;
  try {
    const { width, height, compression } = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
    return { width, height, compression };
  } catch (cause) {
    if (endsEarly(bytes, format)) throw truncated(name, format, cause);
    throw undecodable(name, `it begins like ${format.toUpperCase()}, but its header cannot be read`, cause);
  }
}

async function decodePixels(
  bytes: Buffer,
  format: ImageFormat,
  header: ImageHeader,
  name: string,
  maxPixels: number,
  reduceToSidePx: number | undefined,
): Promise<DecodedImage> {
  const decode = async (failOn: 'warning' | 'none'): Promise<DecodedImage> => {
    const image = sharp(bytes, { failOn, limitInputPixels: maxPixels, pages: 1 }).autoOrient();
    if (reduceToSidePx !== undefined && Math.max(header.width, header.height) > reduceToSidePx) {
      image.resize({ width: reduceToSidePx, height: reduceToSidePx, fit: 'inside', kernel: 'linear' });
    }
    const grey = image.flatten({ background: '#ffffff' }).toColourspace('b-w').raw({ depth: 'uchar' });
    const { data, info } = await grey.toBuffer({ resolveWithObject: true });
    const turned = info.width > info.height !== header.width > header.height && header.width !== header.height;
    return {
      width: info.width,
      height: info.height,
      data: firstChannel(data, info.channels),
      format,
      sourceWidth: turned ? header.height : header.width,
      sourceHeight: turned ? header.width : header.height,
      damaged: failOn === 'none',
    };
  };
  try {
    return await decode('warning');
  } catch (cause) {
    // Fax encoders leave line lengths and tags that libtiff complains about (BHSig260 as published); every strip lies
    // within the file, so what it reads is what was scanned.
    if (format === 'tiff' && header.compression?.startsWith('ccitt')) {
      const lenient = await decode('none').catch(() => undefined);
      if (lenient !== undefined) return lenient;
    }
    if (/premature|truncat|end of (file|stream|image)|not enough data/i.test(String(cause))) {
      throw truncated(name, format, cause);
    }
    throw undecodable(name, `it begins like ${format.toUpperCase()}, but its pixels are corrupt`, cause);
  }
}

function firstChannel(data: Buffer, channels: number): Uint8Array {
  if (channels === 1) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const grey = new Uint8Array(data.length / channels);
  for (let i = 0; i < grey.length; i++) grey[i] = data[i * channels] as number;
  return grey;
}

function unreadable(name: string, cause: unknown): CountersignError {
  const systemCode = (cause as NodeJS.ErrnoException).code;
  const code: ErrorCode = 'IMAGE_NOT_FOUND';
  const reason = systemCode === 'ENOENT' || systemCode === 'ENOTDIR' ? 'there is no such file' : systemCode;
  return new CountersignError(code, `Expected to read an image at ${name}, but ${reason}.`, { cause });
}
