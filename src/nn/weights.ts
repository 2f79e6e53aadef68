/** Named float32 tensors: what a network is besides its architecture. */
import { CountersignError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import type { Architecture } from './architecture.js';
import { elementCount, type Tensor } from './graph.js';
import { HEAD_BIAS, HEAD_PREFIX, HEAD_WEIGHT, parametersOf } from './network.js';

export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Weights = ReadonlyMap<string, WeightTensor>;

/** Without their shapes. */
export const valuesOf = (weights: Weights): Map<string, Float32Array> =>
  new Map([...weights].map(([name, { data }]) => [name, data]));

/**
 * Random weights. Convolutions: He et al. (2015), normal with variance 2 / fan-in, what ReLU needs to keep the scale of
 * its input; head: variance 1 / fan-in; biases zero.
 */
export function randomWeights(architecture: Architecture, rng: Rng): Map<string, WeightTensor> {
  const weights = new Map<string, WeightTensor>();
  for (const parameter of parametersOf(architecture)) weights.set(parameter.name, random(parameter, rng));
  return weights;
}

/**
 * The weights to start training from: every parameter of `architecture` taken from `source` by name; a first layer of
 * three colours becomes one of ink; a head that reads no deviations goes on with those that it is to read, their weights 0; one that
 * is missing or has another size starts at random, without bias and radius of the other. One of as many, other features does not
 * show by its shape: the caller leaves it out of `source`.
 *
 * @throws CountersignError WEIGHTS_MISMATCH naming the first backbone parameter that is missing or has another shape
 */
export function adoptWeights(architecture: Architecture, source: Weights, rng: Rng): Map<string, WeightTensor> {
  const adapted = withDeviations(architecture, inkFirstLayer(source));
  const weights = new Map<string, WeightTensor>();
  for (const parameter of parametersOf(architecture)) {
    const found = adapted.get(parameter.name);
    const fits = found !== undefined && String(found.shape) === String(parameter.shape);
    // What goes with a head, its bias and the radius of its embeddings, does not go with another.
    const ofAnotherHead =
      parameter.name.startsWith(HEAD_PREFIX) &&
      parameter.name !== HEAD_WEIGHT &&
      weights.get(HEAD_WEIGHT) !== adapted.get(HEAD_WEIGHT);
    if (fits && !ofAnotherHead) {
      weights.set(parameter.name, found);
    } else if (parameter.name.startsWith(HEAD_PREFIX)) {
      weights.set(parameter.name, random(parameter, rng));
    } else {
      const came = found === undefined ? 'is missing' : `has shape [${found.shape}]`;
      throw new CountersignError(
        'WEIGHTS_MISMATCH',
        `${architecture.backbone} needs ${parameter.name} of shape [${parameter.shape}], which ${came} in these weights.`,
        { details: { parameter: parameter.name, backbone: architecture.backbone } },
      );
    }
  }
  return weights;
}

/** Whether weights that were adopted from `source` have its head, so that they embed as it does. */
export const keepsHead = (source: Weights, adopted: Weights): boolean =>
  source.has(HEAD_BIAS) && source.get(HEAD_BIAS) === adopted.get(HEAD_BIAS);

/** Lets a head of means alone read standard deviations too, which are the last of the features, without a say as yet. */
function withDeviations(architecture: Architecture, source: Weights): Weights {
  const found = source.get(HEAD_WEIGHT);
  const shapeIn = (of: Architecture) => parametersOf(of).find(({ name }) => name === HEAD_WEIGHT)!.shape;
  if (!architecture.deviations || String(found?.shape) !== String(shapeIn({ ...architecture, deviations: false }))) {
    return source;
  }
  const { shape, data } = found!;
  const [size, read] = shape as [number, number];
  const wider = shapeIn(architecture)[1]!;
  const widened = new Float32Array(size * wider);
  for (let k = 0; k < size; k++) widened.set(data.subarray(k * read, (k + 1) * read), k * wider);
  return new Map([...source, [HEAD_WEIGHT, { shape: [size, wider], data: widened }]]);
}

/**
 * Turns a first layer that reads colour into one that reads ink, exactly.
 *
 * ImageNet's MobileNets read x / 127.5 - 1: white paper is +1 in each colour, black ink -1. With ink k in 0 .. 1 every
 * colour is 1 - 2 k, so
 *
 *     b + sum over c of  w_c * (1 - 2 k)  =  (b + sum over c, u, v of w_c[u, v])  +  (-2 sum over c of w_c) * k
 *
 * The only difference is outside the image: there the old padding meant mid-grey, the new one means paper.
 */
function inkFirstLayer(source: Weights): Weights {
  const name = ['Conv1', 'conv1'].find((layer) => {
    const kernel = source.get(`${layer}.weight`)?.shape;
    return kernel?.length === 4 && kernel[1] === 3 && source.get(`${layer}.bias`)?.shape[0] === kernel[0];
  });
  if (name === undefined) return source;
  const { shape, data } = source.get(`${name}.weight`)!;
  const channels = shape[0]!;
  const taps = shape[2]! * shape[3]!;
  const weight = new Float32Array(channels * taps);
  const bias = source.get(`${name}.bias`)!.data.slice();
  for (let o = 0; o < channels; o++) {
    for (let c = 0; c < 3; c++) {
      for (let tap = 0; tap < taps; tap++) {
        const value = data[(o * 3 + c) * taps + tap]!;
        weight[o * taps + tap]! -= 2 * value;
        bias[o]! += value;
      }
    }
  }
  const adapted = new Map(source);
  adapted.set(`${name}.weight`, { shape: [channels, 1, shape[2]!, shape[3]!], data: weight });
  adapted.set(`${name}.bias`, { shape: [channels], data: bias });
  return adapted;
}

function random(parameter: Tensor, rng: Rng): WeightTensor {
  const count = elementCount(parameter.shape);
  if (parameter.shape.length === 1) return { shape: parameter.shape, data: new Float32Array(count) };
  const fanIn = count / parameter.shape[0]!;
  const gain = parameter.name.startsWith(HEAD_PREFIX) ? 1 : 2;
  const stream = rng.fork(parameter.name);
  const data = Float32Array.from({ length: count }, () => stream.normal(0, Math.sqrt(gain / fanIn)));
  return { shape: parameter.shape, data };
}
