/** A closer look at images, computed without the code under test, and what tests of it share. */
import { writeFileSync } from 'node:fs';
import { Rng } from '../src/core/rng.js';
import type { InkImage } from '../src/image/types.js';
import { encodeQuantizedModel, type Model } from '../src/nn/model-file.js';
import { fitQuantization } from '../src/runtime/fit-quantization.js';
import { openEmbedder } from '../src/runtime/model-embedder.js';
import type { WorkerPool } from '../src/runtime/pool.js';

/** Larger, mirrored left to right before if asked for: each pixel a sum over the four that it lies between. */
export function closer({ width, height, data: pixels }: InkImage, { mirrored = false, factor = 1.5 } = {}): InkImage {
  const enlarged = (px: number) => Math.floor(px * factor + 1e-6);
  const size = { width: enlarged(width), height: enlarged(height) };
  const within = (at: number, last: number) => Math.max(0, Math.min(last, at));
  const out = new Uint8Array(size.width * size.height).map((_, i) => {
    const along = within(((i % size.width) + 0.5) / factor - 0.5, width - 1);
    const x = mirrored ? width - 1 - along : along;
    const y = within((Math.floor(i / size.width) + 0.5) / factor - 0.5, height - 1);
    let sum = 0;
    for (let row = Math.floor(y); row <= Math.ceil(y); row++) {
      for (let column = Math.floor(x); column <= Math.ceil(x); column++) {
        sum += pixels[row * width + column]! * (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
      }
    }
    return Math.floor(sum + 0.51);
  });
  return { ...size, data: out };
}

/** Paper with ink of any level on every fifth pixel. */
export function speckled(canvas: Pick<InkImage, 'height' | 'width'>, count: number): InkImage[] {
  const rng = new Rng('speckled');
  return Array.from({ length: count }, () => ({
    ...canvas,
    data: Uint8Array.from({ length: canvas.height * canvas.width }, () => (rng.chance(0.2) ? rng.int(256) : 0)),
  }));
}

/** By a model file. */
export async function embed(model: string, images: readonly InkImage[]): Promise<Float32Array> {
  const embedder = await openEmbedder(model);
  try {
    return await embedder.embed(images);
  } finally {
    await embedder.close();
  }
}

/** By what a float model becomes as 8-bit integers, fitted on the images; its file is `at`. */
export async function embedByIntegers(
  pool: WorkerPool,
  model: Model,
  images: readonly InkImage[],
  at: string,
): Promise<Float32Array> {
  const fit = await fitQuantization(pool, model, images);
  const { id: _id, schema: _schema, ...facts } = model.metadata;
  writeFileSync(at, encodeQuantizedModel(fit.weights, fit.ranges, facts, 'tiny'));
  return embed(at, images);
}

/** What one network or several say of each image, [N, D] of each, in one row, divided by the root of their number. */
export function sideBySide(said: readonly Float32Array[], dimension: number): Float32Array {
  const width = said.length * dimension;
  return Float32Array.from({ length: said.length * said[0]!.length }, (_, i) => {
    const [image, column] = [Math.floor(i / width), i % width];
    return said[Math.floor(column / dimension)]![image * dimension + (column % dimension)]! / Math.sqrt(said.length);
  });
}

export const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
