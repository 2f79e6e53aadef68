/** Runs a float network over images, and then its integer twin, to find what this needs: means of features, ranges, then biases and head corrected for rounding. */
import type { InkImage } from '../image/types.js';
import { seenIn } from '../image/views.js';
import { correctHead } from '../nn/correct-head.js';
import { equalizeHead } from '../nn/equalize-head.js';
import type { Graph, Tensor } from '../nn/graph.js';
import { headOf, withHead } from '../nn/head.js';
import { type ModelMetadata, viewsOf } from '../nn/model-metadata.js';
import { type BranchNetwork, EQUALISED, type NetworkOptions } from '../nn/network.js';
import { appendBiasErrors, appendExtremes } from '../nn/quantization-measures.js';
import { activationsToQuantize, quantizeNetwork, type Range, type Ranges, readByHead } from '../nn/quantize.js';
import { serialize } from '../nn/serialize.js';
import { settleSums } from '../nn/sums-of-integers.js';
import { networkIn } from '../nn/two-views.js';
import { valuesOf, type Weights } from '../nn/weights.js';
import { embedImages } from './embed-images.js';
import { joined } from './micro-batches.js';
import type { WorkerPool } from './pool.js';
import type { TensorData } from './session.js';

/** Images in one run. */
const MICRO_BATCH = 4;

/** Looks at an image, at most, that a head is corrected by: more say hardly more, and the time of its fit grows with their cube. */
const LOOKS_OF_HEAD = 800;

/** Weights, and how the network that they are of looks at images. */
export interface FloatModel {
  readonly metadata: Pick<ModelMetadata, 'architecture' | 'preprocess' | 'views'>;
  readonly weights: Weights;
}

export interface QuantizationFit {
  /**
   * From the mean of the images' minima to the mean of their maxima, in each view: one image with a wide range does not make the steps
   * of all coarse (Jacob et al. 2018, section 3.1, smooth the extremes of batches for the same reason). Those of sums are a
   * little wider (see sums-of-integers.ts).
   */
  readonly ranges: Ranges;
  /** The head equalised, and with biases, and weights of the head, that take back what they can of the errors of rounding. */
  readonly weights: Weights;
}

/**
 * @param images - prepared as the model says; one or more
 * @param onRun - hears how many of how many runs of an image are done
 * @returns the same bits whatever the number of workers
 */
export async function fitQuantization(
  pool: WorkerPool,
  { metadata, weights }: FloatModel,
  images: readonly InkImage[],
  onRun: (done: number, total: number) => void = () => undefined,
): Promise<QuantizationFit> {
  const views = viewsOf(metadata);
  const total = 5 * views.length * images.length;
  let done = 0;
  /**
   * @param append - appends to the network of a view what is measured of each image, under names that are the same in all
   *   views: a network's nodes are called alike whatever the size of its canvas
   * @returns means over images, and over views
   */
  const measure = async (
    of: Weights,
    options: NetworkOptions,
    append: (network: BranchNetwork) => ReadonlyMap<string, Tensor>,
  ) => {
    const values = valuesOf(of);
    const means = new Map<string, Float64Array>();
    for (const view of views) {
      const network = networkIn(view, metadata, options);
      const measures = [...append(network)];
      // By number: their names may be those of weights.
      const outputs = Object.fromEntries(measures.map(([, tensor], i) => [`measure ${i}`, tensor]));
      const session = await pool.open(serialize(network.graph, { outputs, weights: values, symbolicBatch: true }));
      const ofView = await meansOver(images, pool.size, async (batch) => {
        const seen = batch.map((image) => seenIn(image, view));
        const result = await pool.run(session, { images: seen, outputs: Object.keys(outputs) });
        done += batch.length;
        onRun(done, total);
        return result;
      });
      for (const [i, [name]] of measures.entries()) {
        const mean = ofView.get(`measure ${i}`)!;
        const sum = means.get(name) ?? new Float64Array(mean.length);
        means.set(
          name,
          sum.map((value, k) => value + mean[k]! / views.length),
        );
      }
    }
    return means;
  };

  /** @returns what the head reads of the images, in one view after the other, [views N, F] */
  const readByHeads = async (
    made: (network: BranchNetwork) => { readonly graph: Graph; readonly tensor: Tensor },
    of: Weights = new Map(),
  ): Promise<Float32Array> => {
    const values = valuesOf(of);
    const parts: Float32Array[] = [];
    for (const view of views) {
      const { graph, tensor } = made(networkIn(view, metadata, EQUALISED));
      const session = await pool.open(
        serialize(graph, { outputs: { read: tensor }, weights: values, symbolicBatch: true }),
      );
      const some = images.slice(0, LOOKS_OF_HEAD / views.length);
      const seen = some.map((image) => seenIn(image, view));
      parts.push(
        await embedImages(pool, session, seen, { output: 'read', dimension: tensor.shape[1]!, atOnce: MICRO_BATCH }),
      );
      done += images.length;
      onRun(done, total);
    }
    return joined(parts);
  };

  const features = await measure(weights, {}, (network) => new Map([['features', network.features]]));
  const equal = equalizeHead(weights, features.get('features')!);
  const ends = await measure(equal, EQUALISED, appendExtremes);
  const measured = new Map<string, Range>();
  const network = networkIn(views[0]!, metadata, EQUALISED);
  for (const { name } of activationsToQuantize(network.graph)) {
    measured.set(name, { min: ends.get(`${name}.min`)![0]!, max: ends.get(`${name}.max`)![0]! });
  }
  const ranges = settleSums(network, measured);

  const errors = await measure(equal, EQUALISED, (network) => appendBiasErrors(network, equal, ranges));
  const corrected = new Map(equal);
  for (const [name, error] of errors) {
    const { shape, data } = equal.get(name)!;
    corrected.set(name, { shape, data: data.map((value, o) => value - error[o]!) });
  }

  const float = await readByHeads((network) => ({ tensor: readByHead(network.graph), graph: network.graph }), equal);
  const integer = await readByHeads((network) => {
    const { graph, readByHead: tensor } = quantizeNetwork(network, corrected, ranges);
    return { graph, tensor };
  });
  return { ranges, weights: withHead(corrected, correctHead(headOf(equal), { float, integer })) };
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
