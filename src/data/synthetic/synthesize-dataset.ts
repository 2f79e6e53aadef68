/**
 * A data set of synthetic signatures in the plain layout: `<writer>/genuine/001.png`, `<writer>/forged/001.png`.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { Rng } from '../../core/rng.js';
import type { GreyImage } from '../../image/types.js';
import { writeFolderAtomic } from '../atomic-folder.js';
import { makeFolder } from '../make-folder.js';
import { resolveSynthesisOptions, type SynthesisOptions } from './options.js';
import { forge, signGenuine } from './sign.js';
import { createWriter } from './writer.js';

export interface SynthesisProgress {
  readonly done: number;
  readonly total: number;
  /** The writer whose signatures have just been written. */
  readonly writer: string;
}

export interface SynthesisSummary {
  readonly root: string;
  readonly writers: number;
  /** Images of each kind, over all writers. */
  readonly genuine: number;
  readonly forged: number;
  readonly seed: number;
}

/**
 * Makes writers, has them sign and be forged, and writes the images. Writer k is the same however many are asked for.
 * The folder appears whole or not at all: everything is written beside it first and renamed.
 *
 * @param outDir - must not exist, or be empty
 * @param options - writers, genuine (24), forged (24), seed (1); onProgress is called after each writer
 * @throws INVALID_ARGUMENT for options out of range or a folder that holds something; WRITE_FAILED when the disk does
 *   not take it
 * @example
 * await synthesizeDataset('signatures', { writers: 20, seed: 7 })
 * // { root: 'signatures', writers: 20, genuine: 480, forged: 480, seed: 7 }
 */
export async function synthesizeDataset(
  outDir: string,
  { onProgress, ...options }: SynthesisOptions & { readonly onProgress?: (progress: SynthesisProgress) => void },
): Promise<SynthesisSummary> {
  const { writers, genuine, forged, seed } = resolveSynthesisOptions(options);
  await writeFolderAtomic(outDir, async (whole) => {
    const root = new Rng(seed);
    for (let index = 1; index <= writers; index++) {
      const writer = createWriter(root, index);
      const own = root.fork(`signatures ${index}`);
      const folder = path.join(whole, writer.id);
      await writeImages(path.join(folder, 'genuine'), genuine, (i) => signGenuine(writer, own.fork(`genuine ${i}`)));
      await writeImages(path.join(folder, 'forged'), forged, (i) => forge(writer, own.fork(`forged ${i}`)));
      onProgress?.({ done: index, total: writers, writer: writer.id });
    }
  });
  return { root: outDir, writers, genuine: writers * genuine, forged: writers * forged, seed };
}

/** The picture as a PNG, 8-bit grey; quick rather than small. */
export function encodePng({ data, width, height }: GreyImage): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 2, adaptiveFiltering: false })
    .toBuffer();
}

/** Images in flight at a time: sharp compresses some on its own threads while the next are drawn here. */
const IN_FLIGHT = 8;

async function writeImages(folder: string, count: number, draw: (index: number) => GreyImage): Promise<void> {
  await makeFolder(folder);
  for (let first = 1; first <= count; first += IN_FLIGHT) {
    const pending: Promise<void>[] = [];
    for (let i = first; i < Math.min(first + IN_FLIGHT, count + 1); i++) {
      const file = path.join(folder, `${String(i).padStart(3, '0')}.png`);
      pending.push(encodePng(draw(i)).then((png) => writeFile(file, png)));
    }
    // All settle before a failure is passed on: nothing may still be writing when the folder is removed.
    const failed = (await Promise.allSettled(pending)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
