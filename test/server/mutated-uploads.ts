/** Uploads that went wrong, each in its own way: the same one for the same number. */
import sharp from 'sharp';
import { Rng } from '../../src/core/rng.js';
import { hugePng } from '../../src/image/huge-png.fixture.js';
import { drawSignature } from '../../src/image/strokes.fixture.js';

export interface Upload {
  /** How it was made, for whoever has to look into it. */
  readonly kind: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

const { width, height, data } = drawSignature();
const grey = () => sharp(data, { raw: { width, height, channels: 1 } });
const colour = () => grey().toColourspace('srgb');

/** The same signature in every shape that a file of it may have. */
const ENCODED: readonly (() => Promise<Buffer>)[] = [
  () => grey().toColourspace('b-w').png().toBuffer(),
  () => colour().png({ palette: true, colours: 16 }).toBuffer(),
  () => colour().ensureAlpha().png({ progressive: true }).toBuffer(),
  () => grey().toColourspace('grey16').png().toBuffer(),
  () => colour().jpeg({ quality: 90 }).toBuffer(),
  () => colour().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
  () => grey().toColourspace('cmyk').jpeg().toBuffer(),
  () => colour().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  () => colour().webp({ lossless: true }).toBuffer(),
  () => colour().webp({ quality: 60 }).toBuffer(),
  () => colour().gif().toBuffer(),
  () => grey().toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer(),
  () => grey().toColourspace('b-w').threshold().tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer(),
  () => colour().tiff({ compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer(),
];
let encoded: Promise<readonly Buffer[]> | undefined;

type Change = (file: Buffer, rng: Rng, others: readonly Buffer[]) => Buffer;

const CHANGES: Readonly<Record<string, Change>> = {
  'bits flipped': (file, rng) => {
    const flipped = Buffer.from(file);
    for (let i = 1 + rng.int(64); i > 0; i--) flipped[rng.int(flipped.length)]! ^= 1 << rng.int(8);
    return flipped;
  },
  'bits of the header flipped': (file, rng) => {
    const flipped = Buffer.from(file);
    for (let i = 1 + rng.int(8); i > 0; i--) flipped[rng.int(Math.min(200, flipped.length))]! ^= 1 << rng.int(8);
    return flipped;
  },
  cut: (file, rng) => file.subarray(0, rng.int(file.length)),
  'a piece left out': (file, rng) => {
    const from = rng.int(file.length);
    return Buffer.concat([file.subarray(0, from), file.subarray(from + rng.int(500))]);
  },
  'a piece twice': (file, rng) => {
    const from = rng.int(file.length);
    const to = from + rng.int(500);
    return Buffer.concat([file.subarray(0, to), file.subarray(from)]);
  },
  'noise in it': (file, rng) => {
    const at = rng.int(file.length);
    return Buffer.concat([file.subarray(0, at), noise(1 + rng.int(300), rng), file.subarray(at)]);
  },
  'a run of one byte': (file, rng) => Buffer.from(file).fill(rng.int(256), rng.int(file.length)),
  'a number in its header at its greatest': (file, rng) => {
    const changed = Buffer.from(file);
    changed.fill(0xff, 8 + rng.int(60), 12 + rng.int(60));
    return changed;
  },
  'the head of one, the tail of another': (file, rng, others) => {
    const other = others[rng.int(others.length)]!;
    return Buffer.concat([file.subarray(0, rng.int(file.length)), other.subarray(rng.int(other.length))]);
  },
  'a second file behind it': (file, rng, others) => Buffer.concat([file, others[rng.int(others.length)]!]),
  'its first bytes and noise': (file, rng) => Buffer.concat([file.subarray(0, 16), noise(2000, rng)]),
  'noise alone': (_, rng) => noise(1 + rng.int(5000), rng),
  nothing: () => Buffer.alloc(0),
  unchanged: (file) => file,
};

/** What is no damaged signature: it is meant to hurt. */
const BOMBS: readonly ((rng: Rng) => Buffer | Promise<Buffer>)[] = [
  () => hugePng(60_000, 60_000),
  () => hugePng(0xffffffff, 0xffffffff),
  () => hugePng(0, 10),
  () => hugePng(7000, 7000), // within the limit, and nothing in it
  () =>
    sharp({ create: { width: 6000, height: 6000, channels: 3, background: '#fff' } })
      .png()
      .toBuffer(),
  () =>
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"><image href="file:///etc/passwd"/></svg>',
    ),
  () => Buffer.from('GIF89a\xff\xff\xff\xff\xf7\x00\x00;', 'latin1'),
  () => Buffer.from('II*\x00\x08\x00\x00\x00\xff\xff', 'latin1'),
  () => Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(1000)]),
  () => Buffer.concat([Buffer.from('RIFF\xff\xff\xff\x7fWEBPVP8X', 'latin1'), Buffer.alloc(100, 0xff)]),
];

const JSON_TYPE = 'application/json';

/** Where an image goes, as the body around it. */
const TARGETS: readonly { readonly path: string; readonly body: (image: unknown, good: string) => unknown }[] = [
  { path: '/v1/embed', body: (image) => ({ image }) },
  { path: '/v1/clean', body: (image) => ({ image }) },
  { path: '/v1/compare', body: (image, good) => ({ references: [good], questioned: image }) },
  { path: '/v1/compare', body: (image, good) => ({ references: [good, image], questioned: good }) },
  { path: '/v1/identify', body: (image) => ({ image }) },
  { path: '/v1/writers', body: (image, good) => ({ writer: 'mutant', references: [{ image: good }, { image }] }) },
  { path: '/v1/decisions', body: (image) => ({ signatures: [{ writer: 'nobody', image }] }) },
];

/** In place of an image, or of a body. */
const WRONG: readonly unknown[] = [
  ...[null, true, 0, -1e308, '', '====', 'A', 'data:image/png;base64,', '\u0000', '💥'.repeat(50), [], [[]], {}],
  { toString: 'x', __proto__: { length: 9 } },
  { data: [137, 80, 78, 71], type: 'Buffer' },
];

export async function mutatedUpload(number: number): Promise<Upload> {
  const rng = new Rng(`upload ${number}`);
  encoded ??= Promise.all(ENCODED.map((encode) => encode()));
  const files = await encoded;
  const target = TARGETS[rng.int(TARGETS.length)]!;
  const good = files[0]!.toString('base64');
  const way = rng.int(100);
  if (way < 4) return damagedBody(target.path, rng, files);
  if (way < 10) {
    const wrong = WRONG[rng.int(WRONG.length)];
    return { kind: `wrong type ${JSON.stringify(wrong)}`, ...json(target.path, target.body(wrong, good)) };
  }
  const isBomb = way < 14;
  const names = Object.keys(CHANGES);
  const name = isBomb ? 'bomb' : names[rng.int(names.length)]!;
  const file = isBomb
    ? await BOMBS[rng.int(BOMBS.length)]!(rng)
    : CHANGES[name]!(files[rng.int(files.length)]!, rng, files);
  if (rng.int(2) === 0) return { kind: name, ...json(target.path, target.body(file.toString('base64'), good)) };
  return { kind: `${name}, form`, ...form(target.path, file, files[0]!) };
}

const json = (path: string, body: unknown) => ({
  ...{ path, contentType: JSON_TYPE },
  body: Buffer.from(JSON.stringify(body)),
});

function form(path: string, file: Buffer, good: Buffer): Omit<Upload, 'kind'> {
  const part = (name: string, value: Buffer | string) => [
    Buffer.from(`--edge\r\nContent-Disposition: form-data; name="${name}"; filename="a.png"\r\n\r\n`),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ];
  const fields = ['/v1/compare', '/v1/writers'].includes(path)
    ? [...part('references', good), ...part(path === '/v1/compare' ? 'questioned' : 'references', file)]
    : part('image', file);
  const text = (name: string, value: string) =>
    Buffer.from(`--edge\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const named = ['/v1/writers', '/v1/decisions'].includes(path) ? [text('writer', 'mutant')] : [];
  const body = Buffer.concat([...named, ...fields, Buffer.from('--edge--\r\n')]);
  return { path, contentType: 'multipart/form-data; boundary=edge', body };
}

/** What is around the image is damaged. */
function damagedBody(path: string, rng: Rng, files: readonly Buffer[]): Upload {
  const { contentType, body } = form(path, files[rng.int(files.length)]!, files[0]!);
  const whole = Buffer.from(body);
  const damaged: readonly (() => Omit<Upload, 'path'>)[] = [
    () => ({ kind: 'form cut', contentType, body: whole.subarray(0, rng.int(whole.length)) }),
    () => ({ kind: 'form of another boundary', contentType: 'multipart/form-data; boundary=other', body: whole }),
    () => ({ kind: 'form without a boundary', contentType: 'multipart/form-data', body: whole }),
    () => ({ kind: 'form with noise', contentType, body: CHANGES['noise in it']!(whole, rng, files) }),
    () => ({ kind: 'form with bits flipped', contentType, body: CHANGES['bits flipped']!(whole, rng, files) }),
    () => ({ kind: 'form as JSON', contentType: JSON_TYPE, body: whole }),
    () => ({ kind: 'JSON too deep', contentType: JSON_TYPE, body: Buffer.from('['.repeat(100_000)) }),
    () => ({ kind: 'JSON cut', contentType: JSON_TYPE, body: Buffer.from('{"image": "iVBORw0KGgo') }),
    () => ({ kind: 'no UTF-8', contentType: JSON_TYPE, body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }),
    () => ({ kind: 'text', contentType: 'text/plain', body: Buffer.from('hello') }),
    () => ({ kind: 'no type', contentType: undefined, body: whole }),
    () => ({ kind: 'a bare image', contentType: 'image/png', body: files[0]! }),
  ];
  return { path, ...damaged[rng.int(damaged.length)]!() };
}

const noise = (length: number, rng: Rng) => Buffer.from(Array.from({ length }, () => rng.int(256)));
