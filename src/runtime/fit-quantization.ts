/** Runs the float network over images to find what its integer twin needs: ranges, then biases corrected for rounding. */
import type { InkImage } from '../image/types.js';
import type { Tensor } from '../nn/graph.js';
import type { Model } from '../nn/model-file.js';
import { buildNetwork, type EmbeddingNetwork } from '../nn/network.js';
import { appendBiasErrors, appendExtremes } from '../nn/quantization-measures.js';
import type { Range, Ranges } from '../nn/quantize.js';
import { serialize } from '../nn/serialize.js';
import { settleSums } from '../nn/sums-of-integers.js';
import type { Weights } from '../nn/weights.js';
import type { WorkerPool } from './pool.js';
import type { TensorData } from './session.js';

/** Images in one run. */
const MICRO_BATCH = 4;

export interface QuantizationFit {
  /**
   * From the mean of the images' minima to the mean of their maxima: one image with a wide range does not make the steps
   * of all coarse (Jacob et al. 2018, section 3.1, smooth the extremes of batches for the same reason). Those of sums are a
   * little wider (see sums-of-integers.ts).
   */
  readonly ranges: Ranges;
  /** With biases that take the mean error of rounding back. */
  readonly weights: Weights;
}

/**
 * @param images - prepared as the model says; one or more
 * @param onRun - hears how many of how many runs of an image are done
 * @returns the same bits whatever the number of workers
 */
export async function fitQuantization(
  pool: WorkerPool,
  { metadata, weights }: Model,
  images: readonly InkImage[],
  onRun: (done: number, total: number) => void = () => undefined,
): Promise<QuantizationFit> {
  const values = new Map([...weights].map(([name, { data }]) => [name, data]));
  const build = () => buildNetwork(metadata.architecture, { batch: 1, ...metadata.preprocess.canvas });
  let done = 0;
  /** @returns by name of the tensor */
  const measure = async ({ graph }: EmbeddingNetwork, tensors: readonly Tensor[]) => {
    const outputs = Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor]));
    const model = await pool.open(serialize(graph, { outputs, weights: values, symbolicBatch: true }));
    return meansOver(images, pool.size, async (batch) => {
      const result = await pool.run(model, { images: batch, outputs: Object.keys(outputs) });
      done += batch.length;
      onRun(done, 2 * images.length);
      return result;
    });
  };

  const forRanges = build();
  const extremes = appendExtremes(forRanges);
  const ends = await measure(
    forRanges,
    [...extremes.values()].flatMap(({ min, max }) => [min, max]),
  );
  const measured = new Map<string, Range>();
  for (const [name, { min, max }] of extremes) {
    measured.set(name, { min: ends.get(min.name)![0]!, max: ends.get(max.name)![0]! });
  }
  const ranges = settleSums(build(), measured);

  const forBiases = build();
  const errors = appendBiasErrors(forBiases, weights, ranges);
  const means = await measure(forBiases, [...errors.values()]);
  const corrected = new Map(weights);
  for (const [name, error] of errors) {
    const { shape, data } = weights.get(name)!;
    corrected.set(name, { shape, data: data.map((value, o) => value - means.get(error.name)![o]!) });
  }
  return { ranges, weights: corrected };
}

/**
 * Means over images of what `run` gives for each, [N, ...]. Results are folded in the order of the images, as many at a
 * time as there are workers, and then forgotten.
 */
async function meansOver(
  images: readonly InkImage[],
  workers: number,
  run: (batch: readonly InkImage[]) => Promise<Record<string, TensorData>>,
): Promise<Map<string, Float64Array>> {
  const means = new Map<string, Float64Array>();
  for (let i = 0; i < images.length; i += workers * MICRO_BATCH) {
    const share = images.slice(i, i + workers * MICRO_BATCH);
    const batches = Array.from({ length: Math.ceil(share.length / MICRO_BATCH) }, (_, k) =>
      share.slice(k * MICRO_BATCH, (k + 1) * MICRO_BATCH),
    );
    for (const result of await Promise.all(batches.map(run))) {
      for (const [name, { data, shape }] of Object.entries(result)) {
        const length = data.length / shape[0]!;
        const mean = means.get(name) ?? new Float64Array(length);
        data.forEach((value, k) => {
          mean[k % length]! += value / images.length;
        });
        means.set(name, mean);
      }
    }
  }
  return means;
}
