/** A batch in parts that a worker runs at once, and what comes out of them as one. */
import type { InkImage } from '../image/types.js';
import type { Weights } from '../nn/weights.js';
import type { PoolSession, WorkerPool } from './pool.js';
import type { TensorData } from './session.js';

export interface MicroBatch {
  /** Positions in the batch. */
  readonly rows: readonly number[];
  /** How many of them count: the ones behind only fill up. */
  readonly own: number;
}

/** Neighbours together; the last part may be shorter. For networks that treat every image by itself. */
export function consecutive(count: number, size: number): MicroBatch[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, part) => {
    const own = Math.min(size, count - part * size);
    return { rows: Array.from({ length: own }, (_, i) => part * size + i), own };
  });
}

/**
 * Images far from each other together, the last parts filled up with the first images. For batch norm, whose statistics
 * are those of its part: neighbours are signatures of one writer, and the writer is not what should be taken away.
 */
export function spread(count: number, size: number): MicroBatch[] {
  const parts = Math.ceil(count / size);
  return Array.from({ length: parts }, (_, part) => {
    const places = Array.from({ length: size }, (_, i) => part + i * parts);
    return { rows: places.map((place) => place % count), own: places.filter((place) => place < count).length };
  });
}

/** All at once into the pool's queue, which hands them out in order: what is asked of the pool later comes behind them. */
export function eachMicroBatch<T>(
  microBatches: readonly MicroBatch[],
  work: (microBatch: MicroBatch, index: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(microBatches.map(work));
}

/**
 * @param size - images of a micro-batch; the ones that are missing to it are paper
 * @returns the outputs of every micro-batch
 */
export function runForward(
  pool: WorkerPool,
  session: PoolSession,
  images: readonly InkImage[],
  { microBatches, size, outputs }: { microBatches: readonly MicroBatch[]; size: number; outputs: readonly string[] },
): Promise<Record<string, TensorData>[]> {
  return eachMicroBatch(microBatches, ({ rows }) =>
    pool.run(session, { images: rows.map((row) => images[row]!), batch: size, outputs }),
  );
}

/** @returns the rows of one output in the order of the batch, [N, D] */
export function rowsOf(
  results: readonly Readonly<Record<string, TensorData>>[],
  output: string,
  microBatches: readonly MicroBatch[],
  dimension: number,
): Float32Array {
  const count = microBatches.reduce((sum, { own }) => sum + own, 0);
  const out = new Float32Array(count * dimension);
  microBatches.forEach(({ rows, own }, part) => {
    const { data } = results[part]![output]!;
    for (let i = 0; i < own; i++) out.set(data.subarray(i * dimension, (i + 1) * dimension), rows[i]! * dimension);
  });
  return out;
}

/** @returns the mean of each output over the micro-batches, added in their order */
export function meanOf(results: readonly Readonly<Record<string, TensorData>>[], outputs: readonly string[]): Weights {
  return new Map(
    outputs.map((name) => {
      const sum = new Float64Array(results[0]![name]!.data.length);
      for (const result of results) {
        const { data } = result[name]!;
        for (let i = 0; i < sum.length; i++) sum[i]! += data[i]!;
      }
      return [name, { shape: [sum.length], data: Float32Array.from(sum, (value) => value / results.length) }];
    }),
  );
}

/** One after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
