/**
 * What a file says about itself before a decoder sees it: its format by its first bytes, and whether it ends where it
 * should. Decoders disagree about truncated files (some fill the rest with grey without a word), so the containers are
 * walked here.
 *
 * @see PNG: W3C REC-png-3, section 5. JPEG: ITU T.81, annex B. WebP: RFC 9649. TIFF 6.0, section 2. GIF89a, appendix A.
 */
export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'tiff' | 'gif';

/** The format by its signature, or undefined where it is none of ours. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const start = latin1(bytes, 0, 4);
  if (start === '\x89PNG') return 'png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'jpeg';
  if (start === 'RIFF' && latin1(bytes, 8, 12) === 'WEBP') return 'webp';
  if (start === 'II*\0' || start === 'MM\0*') return 'tiff';
  if (start === 'GIF8') return 'gif';
  return undefined;
}

/** Bytes `from` to `to` as text, one character a byte. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** The numbers in some bytes; a `Uint8Array` has none but its own. */
export function numbersIn(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether the file ends before its own structure says it does. Where the structure cannot be followed: false. */
export function endsEarly(bytes: Uint8Array, format: ImageFormat): boolean {
  switch (format) {
    case 'png':
      return pngEndsEarly(bytes);
    case 'jpeg':
      return jpegEndsEarly(bytes);
    case 'webp':
      return bytes.length < 20 || numbersIn(bytes).getUint32(4, true) + 8 > bytes.length;
    case 'tiff':
      return tiffEndsEarly(bytes);
    case 'gif':
      return gifEndsEarly(bytes);
  }
}

function pngEndsEarly(bytes: Uint8Array): boolean {
  const numbers = numbersIn(bytes);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + numbers.getUint32(at)) {
    if (latin1(bytes, at + 4, at + 8) === 'IEND') return false;
  }
  return true;
}

/** Segments up to the first scan, then the end marker: FF D9 cannot occur within entropy-coded data. */
function jpegEndsEarly(bytes: Uint8Array): boolean {
  const numbers = numbersIn(bytes);
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false; // not a segment: corrupt, which the decoder will say
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) at += 1;
    else if (marker === 0xd9) return false;
    else if (marker === 0xda) return !hasEndMarker(bytes, at);
    else at += 2 + numbers.getUint16(at + 2);
  }
  return true;
}

function hasEndMarker(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === 0xd9) return true;
  }
  return false;
}

const TIFF_TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const STRIP_OFFSETS = 273;
const STRIP_BYTE_COUNTS = 279;
const TILE_OFFSETS = 324;
const TILE_BYTE_COUNTS = 325;

/** The directory of the first page, then every strip or tile it names. */
function tiffEndsEarly(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return true;
  const little = bytes[0] === 0x49;
  const numbers = numbersIn(bytes);
  const u16 = (at: number) => numbers.getUint16(at, little);
  const u32 = (at: number) => numbers.getUint32(at, little);
  const directory = u32(4);
  if (directory + 2 > bytes.length) return true;
  const entries = u16(directory);
  if (directory + 2 + entries * 12 > bytes.length) return true;
  const lists = new Map<number, number[]>();
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + entry * 12;
    const width = TIFF_TYPE_BYTES[u16(at + 2)] ?? 0;
    const count = u32(at + 4);
    const values = width * count <= 4 ? at + 8 : u32(at + 8);
    if (values + width * count > bytes.length) return true;
    const tag = u16(at);
    if (![STRIP_OFFSETS, STRIP_BYTE_COUNTS, TILE_OFFSETS, TILE_BYTE_COUNTS].includes(tag) || width < 2) continue;
    if (lists.has(tag)) continue; // a tag stands once; a file full of copies must not cost its square
    lists.set(
      tag,
      Array.from({ length: count }, (_, i) => (width === 2 ? u16(values + 2 * i) : u32(values + 4 * i))),
    );
  }
  const offsets = lists.get(STRIP_OFFSETS) ?? lists.get(TILE_OFFSETS) ?? [];
  const counts = lists.get(STRIP_BYTE_COUNTS) ?? lists.get(TILE_BYTE_COUNTS) ?? [];
  return offsets.some((offset, i) => offset + (counts[i] ?? 0) > bytes.length);
}

/** Whether the file ends before its trailer, block by block; what follows the trailer is nobody's. @see GIF89a, 17 to 27 */
function gifEndsEarly(bytes: Uint8Array): boolean {
  const colours = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));
  let at = 13 + colours(bytes[10] ?? 0);
  while (at < bytes.length) {
    if (bytes[at] === GIF_TRAILER) return false;
    if (bytes[at] === GIF_EXTENSION) at += 2;
    else if (bytes[at] === GIF_IMAGE) at += 11 + colours(bytes[at + 9] ?? 0);
    else return false; // the decoder says what is wrong
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
    at++;
  }
  return true;
}

const GIF_EXTENSION = 0x21;
const GIF_IMAGE = 0x2c;
const GIF_TRAILER = 0x3b;
