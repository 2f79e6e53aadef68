/** The comparison in the browser against the one on this machine, with the same small model, in a real Chromium. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hugePng } from '../../src/image/huge-png.fixture.js';
import { preprocess } from '../../src/image/preprocess.js';
import { createVerifier, type Verifier } from '../../src/index.js';
import type { VerificationResult } from '../../src/verify/result.js';
import { writeBadImages } from '../bad-images.js';
import { base64, forged, genuine } from '../server/signatures.js';
import { launchChromium } from './chromium.js';
import { type LocalPage, serveLocalPage } from './local-page.js';

interface Failed {
  readonly error: {
    readonly name: string;
    readonly code?: string;
    readonly message: string;
    readonly hint?: string;
  };
}

/** What local-page-script.mjs puts into the page. */
interface LocalPageScript {
  open(options: object): Promise<{ modelId: string; progress: number[]; ms: number } | Failed>;
  compare(references: string[], questioned: string): Promise<VerificationResult | Failed>;
  compareAgain(reference: string, questioned: string): Promise<[VerificationResult, VerificationResult]>;
  clean(picture: string): Promise<string | Failed>;
  abort(picture: string): Promise<VerificationResult | Failed>;
  close(picture: string): Promise<[string | Failed, string | Failed]>;
}

let folder: string;
let served: LocalPage;
let browser: Browser;
let page: Page;
let verifier: Verifier;
/** What the page asked any server for, and what it complained of. */
const requests: string[] = [];
const complaints: string[] = [];

/** Calls what the page's script has under that name. */
function inPage<Name extends keyof LocalPageScript>(
  name: Name,
  ...args: Parameters<LocalPageScript[Name]>
): Promise<Awaited<ReturnType<LocalPageScript[Name]>>> {
  return page.evaluate(
    ({ name, args }) =>
      (globalThis as unknown as { local: Record<string, (...args: unknown[]) => unknown> }).local[name]!(...args),
    { name, args },
  ) as never;
}

/** What the page and its worker have used, as the system counts it: the largest of the browser's renderers. */
async function usage(): Promise<{ readonly memoryMiB: number; readonly processorMs: number }> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const used = processInfo
    .filter(({ type }) => type === 'renderer')
    .flatMap(({ id }) => {
      const [status, stat] = ['status', 'stat'].map((name) => readIfThere(`/proc/${id}/${name}`)) as [string, string];
      if (status === '' || stat === '') return []; // a spare one, which has ended
      const memory = /VmRSS:\s+(\d+)/.exec(status) ?? ['', '0'];
      const ticks = stat.split(') ')[1]!.split(' ').slice(11, 13); // user, system
      return { memoryMiB: Number(memory[1]) / 1024, processorMs: 10 * (Number(ticks[0]) + Number(ticks[1])) };
    });
  return used.reduce((most, next) => (next.memoryMiB > most.memoryMiB ? next : most));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** As a phone takes it, held upright, the paper in a falling light. */
async function photoOf(signature: Buffer, longerSidePx: number): Promise<Buffer> {
  const [width, height] = [800, 600];
  const light = `<svg width="${width}" height="${height}"><linearGradient id="l"><stop stop-color="#e8e2d8"/><stop offset="1" stop-color="#a8a49c"/></linearGradient><rect width="100%" height="100%" fill="url(#l)"/></svg>`;
  const lit = await sharp(signature)
    .resize({ width, height, fit: 'contain', background: '#fff' })
    .toColourspace('srgb')
    .composite([{ input: Buffer.from(light), blend: 'multiply' }])
    .png()
    .toBuffer();
  return sharp(lit).resize({ width: longerSidePx }).jpeg({ quality: 85 }).withMetadata({ orientation: 8 }).toBuffer();
}

/** Blue ink on cream paper, by channel: for `linear` of a picture in colours. */
const BLUE_INK: [number[], number[]] = [
  [0.95, 0.85, 0.55],
  [0, 20, 100],
];
const inColours = async (signature: Buffer): Promise<Sharp> =>
  sharp(await sharp(signature).toColourspace('srgb').png().toBuffer());

const ENCODINGS = {
  png: async (signature: Buffer) => signature,
  jpeg: async (signature: Buffer) =>
    (await inColours(signature))
      .linear(...BLUE_INK)
      .jpeg({ quality: 85 })
      .toBuffer(),
  webp: async (signature: Buffer) =>
    (await inColours(signature))
      .linear(...BLUE_INK)
      .webp({ quality: 85 })
      .toBuffer(),
  photo: (signature: Buffer) => photoOf(signature, 4000),
  'photo as it is sent': (signature: Buffer) => photoOf(signature, 2400),
};
type Encoding = keyof typeof ENCODINGS;

const made = new Map<string, Promise<Buffer>>();

/** Made once: a photo takes half a second. */
function picture(encoding: Encoding, kind: 'genuine' | 'forged', writer: number, number: number): Promise<Buffer> {
  const key = [encoding, kind, writer, number].join();
  const file = made.get(key) ?? (kind === 'genuine' ? genuine : forged)(writer, number).then(ENCODINGS[encoding]);
  made.set(key, file);
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-local-'));
  [served, browser, verifier] = await Promise.all([
    serveLocalPage(join(folder, 'page')),
    launchChromium(),
    createVerifier(),
  ]);
  page = await browser.newPage();
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(served.url);
});
afterAll(async () => {
  await verifier?.close();
  await browser?.close();
  await served?.close();
  await rm(folder, { recursive: true });
});

describe('the comparison in the browser', () => {
  it('loads model and runtime only when it is opened, from its own server, and tells how far it is', async () => {
    expect(requests.filter((path) => /wasm|onnx|worker/.test(path))).toEqual([]);
    const opened = await inPage('open', {});
    expect(opened).toMatchObject({ modelId: verifier.model.id });
    const { progress, ms } = opened as Exclude<typeof opened, Failed>;
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
    expect(progress.length).toBeGreaterThan(5);
    console.log(`opened in ${ms.toFixed(0)} ms; scripts, compressed bytes:`, served.scriptBytes);
  });

  /** Greatest difference of distances: none where the same pixels come out; a large picture is reduced another way. */
  it.each<[Encoding, number, number]>([
    ['png', 20, 0.001],
    ['jpeg', 14, 0.001],
    ['webp', 6, 0.001],
    ['photo', 4, 0.06],
    ['photo as it is sent', 6, 0.06],
  ])('decides on %s as this machine does', async (encoding, pairs, tolerance) => {
    const times: number[] = [];
    let processorMs = 0;
    const differences: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const writer = 1 + (pair >> 1);
      const reference = await picture(encoding, 'genuine', writer, 1);
      const questioned = await (pair % 2 === 0
        ? picture(encoding, 'genuine', writer, 2)
        : picture(encoding, 'forged', writer, 1));
      const expected = await verifier.verify([reference], questioned);
      const before = await usage();
      const result = (await inPage('compare', [base64(reference)], base64(questioned))) as VerificationResult;
      processorMs += (await usage()).processorMs - before.processorMs;
      expect(result).toMatchObject({
        decision: expected.decision,
        threshold: expected.threshold,
        thresholdSource: expected.thresholdSource,
        modelId: expected.modelId,
        referenceCount: 1,
      });
      expect(result.quality).toMatchObject({
        widthPx: expected.quality!.widthPx,
        heightPx: expected.quality!.heightPx,
      });
      differences.push(Math.abs(result.distance! - expected.distance!));
      times.push(result.timingMs.total);
    }
    const middle = times.sort((a, b) => a - b)[pairs >> 1]!;
    console.log(
      `${encoding}: distances differ by at most ${Math.max(...differences).toFixed(4)}; a comparison takes ${middle.toFixed(0)} ms (median of ${pairs}), ${(processorMs / pairs).toFixed(0)} ms of a processor (mean)`,
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance);
  });

  it('gives the memory of what it has seen back', async () => {
    const signature = await genuine(2, 1);
    const [first, second] = await Promise.all([1, 2].map((number) => picture('photo', 'genuine', 2, number)));
    const photos = [[base64(first!)], base64(second!)] as const;
    await inPage('compare', [...photos[0]], photos[1]);
    const { memoryMiB: before } = await usage();
    for (let time = 0; time < 4; time++) await inPage('compare', [...photos[0]], photos[1]);
    for (let time = 0; time < 20; time++) await inPage('compare', [base64(signature)], base64(signature));
    const devtools = await page.context().newCDPSession(page);
    const used = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await usage()).memoryMiB;
    };
    console.log(
      `memory of the page: ${before.toFixed(0)} MiB, after 24 comparisons more ${(await used()).toFixed(0)} MiB`,
    );
    await expect.poll(used).toBeLessThan(Math.min(800, before + 150)); // once the browser has collected
  });

  const TURNED = [2, 3, 4, 5, 6, 7, 8].map((orientation): [string, (image: Sharp) => Sharp] => [
    `JPEG with EXIF orientation ${orientation}`,
    (image) => image.toColourspace('b-w').jpeg().withMetadata({ orientation }),
  ]);
  /** Reduced while it is read, by each machine in its own way: where its height is odd, a fraction of a pixel apart. */
  const LARGE = [1, 2, 3, 4, 5, 6, 7, 8].map((orientation): [string, (image: Sharp) => Sharp, number] => [
    `large JPEG with EXIF orientation ${orientation}`,
    (image) => image.resize({ width: 2600 }).jpeg().withMetadata({ orientation }),
    5,
  ]);
  it.each<[string, (image: Sharp) => Sharp, number?]>([
    ['PNG', (image) => image.toColourspace('b-w').png()],
    ['PNG of colours', (image) => image.linear(...BLUE_INK).png()],
    ['PNG with a palette', (image) => image.linear(...BLUE_INK).png({ palette: true })],
    ['PNG of 16 bits', (image) => image.toColourspace('grey16').png()],
    [
      'PNG of colours and 16 bits',
      (image) =>
        image
          .linear(...BLUE_INK)
          .toColourspace('rgb16')
          .png(),
      0.1,
    ],
    ['interlaced PNG', (image) => image.png({ progressive: true })],
    ['PNG with transparent paper', (image) => image.unflatten().png()],
    ['JPEG', (image) => image.toColourspace('b-w').jpeg({ quality: 80 })],
    ['progressive JPEG of colours', (image) => image.linear(...BLUE_INK).jpeg({ progressive: true })],
    [
      'JPEG with a profile',
      (image) =>
        image
          .linear(...BLUE_INK)
          .withIccProfile('p3')
          .jpeg(),
      0.1,
    ],
    [
      'JPEG of printing inks',
      (image) =>
        image
          .linear(...BLUE_INK)
          .toColourspace('cmyk')
          .jpeg(),
      0.3,
    ],
    ['lossless WebP', (image) => image.linear(...BLUE_INK).webp({ lossless: true })],
    ['GIF', (image) => image.linear(...BLUE_INK).gif()],
    ...TURNED,
    ...LARGE,
  ])('sees %s as this machine does', async (_, encode, meanDifference = 0) => {
    const file = await encode(await inColours(await genuine(3, 1))).toBuffer();
    const { ink } = await preprocess(file, verifier.model.preprocess);
    const shown = await inPage('clean', base64(file));
    const { data, info } = await sharp(Buffer.from(shown as string, 'base64'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([ink.width, ink.height]);
    const difference = ink.data.reduce((sum, level, i) => sum + Math.abs(255 - level - data[i]!), 0) / data.length;
    expect(difference).toBeLessThanOrEqual(meanDifference);
  });

  it('sees a picture once, however often it is compared', async () => {
    const [first, second] = await inPage('compareAgain', base64(await genuine(4, 1)), base64(await genuine(4, 2)));
    expect(second).toMatchObject({ ...first, timingMs: { total: expect.any(Number) } });
    expect(second.timingMs.total).toBeLessThan(first.timingMs.total / 5);
  });

  it('compares with several references by the rule of the model', async () => {
    const references = await Promise.all([1, 2, 3].map((number) => genuine(5, number)));
    const questioned = await genuine(5, 4);
    const expected = await verifier.verify(references, questioned);
    const result = await inPage('compare', references.map(base64), base64(questioned));
    const { decision, reason, thresholdSource } = expected;
    expect(result).toMatchObject({ decision, reason, thresholdSource, referenceCount: 3 });
    expect((result as VerificationResult).perReference).toHaveLength(3);
  });

  it('refuses bad files for the same reasons, before it decodes them where the file tells', async () => {
    const bad = join(folder, randomUUID());
    await writeBadImages(bad);
    const good = await readFile(join(bad, 'signature.png'));
    for (const file of await readdir(bad)) {
      const bytes = await readFile(join(bad, file));
      const isTiff = file.endsWith('.tiff') && !file.startsWith('cut');
      const expected = isTiff
        ? { code: 'IMAGE_UNDECODABLE' }
        : await verifier.verify([good], bytes).catch((error) => error);
      const result = await inPage('compare', [base64(good)], base64(bytes));
      if (expected.code === undefined) {
        expect(result, file).toMatchObject({ decision: expected.decision, reason: expected.reason });
      } else {
        const { code } = expected;
        expect(result, file).toMatchObject({ error: { code, message: expect.stringMatching(/^Expected /) } });
      }
      if (isTiff)
        expect(result).toMatchObject({ error: { message: expect.stringContaining('let the server compare it') } });
    }
  });

  it('wants a reference', async () => {
    expect(await inPage('compare', [], base64(await genuine(1, 1)))).toMatchObject({
      error: { code: 'INVALID_ARGUMENT' },
    });
  });

  it('can be given up', async () => {
    expect(await inPage('abort', base64(await genuine(1, 1)))).toMatchObject({ error: { name: 'AbortError' } });
  });

  it('refuses more bytes or pixels than it was told to take', async () => {
    await inPage('open', { limits: { maxPixels: 1000 } });
    const [signature, huge] = [base64(await genuine(1, 1)), base64(hugePng(20_000, 20_000))];
    expect(await inPage('clean', signature)).toMatchObject({ error: { code: 'IMAGE_TOO_MANY_PIXELS' } });
    await inPage('open', { limits: { maxBytes: 1000 } });
    expect(await inPage('clean', signature)).toMatchObject({ error: { code: 'IMAGE_TOO_MANY_BYTES' } });
    expect(await inPage('clean', huge)).toMatchObject({ error: { code: 'IMAGE_TOO_MANY_PIXELS' } });
  });

  it('says what is wrong with a model or a server', async () => {
    expect(await inPage('open', { modelUrl: '/none.onnx' })).toMatchObject({ error: { code: 'MODEL_NOT_FOUND' } });
    expect(await inPage('open', { modelUrl: '/script.js' })).toMatchObject({ error: { code: 'MODEL_INVALID' } });
    expect(await inPage('open', { wasmUrl: '/script.js' })).toMatchObject({ error: { code: 'WORKER_FAILED' } });
    expect(await inPage('open', { modelUrl: 'http://127.0.0.1:9/' })).toMatchObject({ error: { name: 'TypeError' } });
  });

  it('tells those who wait when it is closed', async () => {
    await inPage('open', {});
    const aborted = { error: { name: 'AbortError' } };
    expect(await inPage('close', base64(await genuine(1, 1)))).toMatchObject([aborted, aborted]);
  });
});
