/**
 * What a file says about itself before a decoder sees it: its format by its first bytes, and whether it ends where it
 * should. Decoders disagree about truncated files (some fill the rest with grey without a word), so the containers are
 * walked here.
 *
 * @see PNG: W3C REC-png-3, section 5. JPEG: ITU T.81, annex B. WebP: RFC 9649. TIFF 6.0, section 2. GIF89a, appendix A.
 */
export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'tiff' | 'gif';

/** The format by its signature, or undefined where it is none of ours. */
export function sniffFormat(bytes: Buffer): ImageFormat | undefined {
  if (bytes.subarray(0, 4).toString('latin1') === '\x89PNG') return 'png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'jpeg';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'webp';
  if (bytes.toString('latin1', 0, 4) === 'II*\0' || bytes.toString('latin1', 0, 4) === 'MM\0*') return 'tiff';
  if (bytes.toString('latin1', 0, 4) === 'GIF8') return 'gif';
  return undefined;
}

/** Width and height in px as a PNG's first chunk says them, or undefined where that is none. */
export function pngSize(bytes: Buffer): { readonly width: number; readonly height: number } | undefined {
  if (bytes.length < 24 || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Whether the file ends before its own structure says it does. Where the structure cannot be followed: false. */
export function endsEarly(bytes: Buffer, format: ImageFormat): boolean {
  switch (format) {
    case 'png':
      return pngEndsEarly(bytes);
    case 'jpeg':
      return jpegEndsEarly(bytes);
    case 'webp':
      return bytes.length < 20 || bytes.readUInt32LE(4) + 8 > bytes.length;
    case 'tiff':
      return tiffEndsEarly(bytes);
    case 'gif':
      return gifEndsEarly(bytes);
  }
}

function pngEndsEarly(bytes: Buffer): boolean {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return false;
  }
  return true;
}

/** Segments up to the first scan, then the end marker: FF D9 cannot occur within entropy-coded data. */
function jpegEndsEarly(bytes: Buffer): boolean {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false; // not a segment: corrupt, which the decoder will say
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) at += 1;
    else if (marker === 0xd9) return false;
    else if (marker === 0xda) return bytes.indexOf(Buffer.from([0xff, 0xd9]), at) < 0;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return true;
}

const TIFF_TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const STRIP_OFFSETS = 273;
const STRIP_BYTE_COUNTS = 279;
const TILE_OFFSETS = 324;
const TILE_BYTE_COUNTS = 325;

/** The directory of the first page, then every strip or tile it names. */
function tiffEndsEarly(bytes: Buffer): boolean {
  if (bytes.length < 8) return true;
  const little = bytes[0] === 0x49;
  const u16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
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

/** The trailer byte, after which some writers pad with zeros. */
function gifEndsEarly(bytes: Buffer): boolean {
  let end = bytes.length - 1;
  while (end > 0 && bytes[end] === 0) end--;
  return bytes[end] !== 0x3b;
}
