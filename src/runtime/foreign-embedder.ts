/** An embedding network of others behind an adapter: its .onnx file runs as it is. */
import { basename, extname } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../data/canonical-json.js';
import { sha256 } from '../data/content-hash.js';
import { preprocessOptionsSchema } from '../image/options.js';
import type { Preparation } from '../image/prepare.js';
import { type Adapter, invalidAdapter, readAdapter } from '../nn/adapter.js';
import { isModelOfOurs } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import { embedImages } from './embed-images.js';
import { callOf, type ForeignCall, notAnEmbedding } from './foreign-call.js';
import { type PoolSession, WorkerPool } from './pool.js';
import type { Embedder } from './types.js';

/**
 * Loads a network of others into a pool of its own, and tries it on white images: what does not fit is told before a
 * data set is read.
 *
 * @param workers - threads
 * @throws CountersignError MODEL_NOT_FOUND; MODEL_INVALID for a file that does not turn an image into a vector;
 *   ADAPTER_INVALID
 *
 * @example
 * const embedder = await openForeignEmbedder('vendor.onnx', 'vendor.json', { workers: 2 });
 * await embedder.embed([image]); // Float32Array(1280)
 */
export async function openForeignEmbedder(
  modelFile: string,
  adapterFile: string,
  { workers = 1 }: { readonly workers?: number } = {},
): Promise<Embedder> {
  const adapter = await readAdapter(adapterFile);
  const bytes = await readModelFile(modelFile);
  if (isModelOfOurs(bytes)) throw invalidAdapter(`${modelFile} is a model of countersign, which needs none`);
  const pool = new WorkerPool(workers);
  try {
    const session = await pool.open(modelFile);
    const call = callOf(await pool.describe(session), adapter);
    const preparation = preparationOf(adapter, call.canvas);
    const dimension = await tryOut(pool, session, call);
    const requireLength = (length: number) => {
      if (length !== dimension) throw notAnEmbedding(`it gave ${length} numbers, and ${dimension} before`);
    };
    return {
      modelId: `${basename(modelFile, extname(modelFile))}-${hashOf(bytes, adapter)}`,
      dimension,
      distance: adapter.distance,
      preparation,
      metadata: null,
      pool,
      async embed(images) {
        const { input, output, batch } = call;
        const rows = await embedImages(pool, session, images, { input, output, batch, dimension, requireLength });
        return adapter.output.normalise ? normalised(rows, dimension) : rows;
      },
      close: () => pool.close(),
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** Fed otherwise, the same file is another model. */
function hashOf(bytes: Uint8Array, adapter: Adapter): string {
  return sha256(`${sha256(bytes)} ${canonicalJson(adapter)}`).slice(0, 12);
}

function preparationOf({ picture }: Adapter, canvas: ForeignCall['canvas']): Preparation {
  const { feed, resize, marginPx } = picture;
  if (feed === 'raw') return { canvas, resize, marginPx };
  const options = preprocessOptionsSchema.safeParse({ canvas, marginPx });
  if (options.success) return options.data;
  throw invalidAdapter(`pictures cannot be prepared at this size: ${z.prettifyError(options.error)}`);
}

/** @returns the length of an embedding */
async function tryOut(pool: WorkerPool, session: PoolSession, call: ForeignCall): Promise<number> {
  const { canvas, input, output, batch = 2 } = call;
  const white = { ...canvas, data: new Uint8Array(canvas.height * canvas.width) };
  const images = Array.from({ length: batch }, () => white);
  const results = await pool.run(session, { images, input, outputs: [output] }).catch((cause: Error) => {
    const what = `${batch} images of ${canvas.width} x ${canvas.height} px`;
    throw notAnEmbedding(`the runtime fails on ${what}: ${cause.message}`, { cause });
  });
  const { shape } = results[output]!;
  const [rows, ...rest] = shape;
  const long = rest.filter((size) => size > 1);
  if (rows !== batch || long.length > 1) {
    throw notAnEmbedding(`for ${batch} images ${output} is [${shape.join(', ')}], not one vector each`);
  }
  if (long.length === 0) throw notAnEmbedding(`${output} is one number an image, a score`, { isScore: true });
  return long[0]!;
}

/** Rows of Euclidean norm 1; NaN for a row of zeros. */
function normalised(rows: Float32Array, dimension: number): Float32Array {
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += dimension) {
    const row = rows.subarray(start, start + dimension);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    out.set(
      row.map((value) => value / norm),
      start,
    );
  }
  return out;
}
