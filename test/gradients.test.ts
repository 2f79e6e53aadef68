/**
 * Every gradient rule against central differences of its own forward pass, and convolution against a naive loop.
 *
 * The loss is sum(y * r) with a fixed random r, so dL/dy = r and every element of every input gradient is checked.
 */
import { describe, expect, it } from 'vitest';
import { Rng } from '../src/core/rng.js';
import { architectureSchema } from '../src/nn/architecture.js';
import { differentiate } from '../src/nn/differentiate.js';
import { elementCount, Graph, type GraphOptions, type Operator, type Tensor } from '../src/nn/graph.js';
import { buildTrainingNetwork } from '../src/nn/network.js';
import { add } from '../src/nn/operators/add.js';
import { batchNorm, EPSILON } from '../src/nn/operators/batch-norm.js';
import { blockedBatchNorm } from '../src/nn/operators/blocked-batch-norm.js';
import { blockedConv } from '../src/nn/operators/blocked-conv.js';
import { NCHWC, negative, planarOf, toPlanar } from '../src/nn/operators/blocked-layout.js';
import { concat } from '../src/nn/operators/concat.js';
import { type ConvAttributes, conv } from '../src/nn/operators/conv.js';
import { dense } from '../src/nn/operators/dense.js';
import { l2Normalize } from '../src/nn/operators/l2-normalize.js';
import { radius } from '../src/nn/operators/radius.js';
import { regionDeviation } from '../src/nn/operators/region-deviation.js';
import { regionPool } from '../src/nn/operators/region-pool.js';
import { relu6, relu6Gradient } from '../src/nn/operators/relu6.js';
import { reshape } from '../src/nn/operators/reshape.js';
import { type Grids, regionsOfCanvas } from '../src/nn/regions.js';
import { serialize } from '../src/nn/serialize.js';
import { channelBlock } from '../src/runtime/channel-block.js';
import { WorkerPool } from '../src/runtime/pool.js';
import { openSession, type TensorData } from '../src/runtime/session.js';

const random = (rng: Rng, shape: readonly number[], scale = 1): TensorData => ({
  data: Float32Array.from({ length: elementCount(shape) }, () => rng.normal(0, scale)),
  shape,
});

/** Channels side by side in the runtime's fastest convolutions on this machine. */
const pool = new WorkerPool(1);
const block = await channelBlock(pool);
await pool.close();

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/**
 * Largest difference between rule and central difference over all elements of all inputs but the `fixed` ones, relative
 * to the largest gradient.
 */
async function gradientError(
  build: (graph: Graph, inputs: readonly Tensor[]) => Tensor,
  values: readonly TensorData[],
  epsilon: number,
  { options = {}, fixed = [] }: { options?: GraphOptions; fixed?: readonly number[] } = {},
): Promise<number> {
  const graph = new Graph(options);
  const all = values.map((value, i) => graph.input(`x${i}`, value.shape));
  const y = build(graph, all);
  const free = [...values.keys()].filter((i) => !fixed.includes(i));
  const r = graph.input('r', y.shape);
  const targets = free.map((i) => all[i]!);
  const gradients = differentiate(graph, y, r, targets);
  const outputs: Record<string, Tensor> = { y };
  gradients.forEach((gradient, k) => {
    expect(gradient.shape).toEqual(targets[k]!.shape);
    outputs[`d${free[k]}`] = gradient;
  });
  const session = await openSession(serialize(graph, { outputs }));
  const weights = random(new Rng('loss'), y.shape);
  const feeds = (changed: readonly TensorData[]) => ({
    r: weights,
    ...Object.fromEntries(changed.map((value, i) => [`x${i}`, value])),
  });
  const analytic = await session.run(feeds(values));
  expect(analytic.y!.shape).toEqual(y.shape);

  let worst = 0;
  for (const i of free) {
    const value = values[i]!;
    const rule = analytic[`d${i}`]!;
    expect(rule.shape).toEqual(value.shape);
    const scale = Math.max(1e-3, ...rule.data.map(Math.abs));
    for (let element = 0; element < value.data.length; element++) {
      const lossAt = async (shift: number) => {
        const data = value.data.slice();
        data[element]! += shift;
        const moved = values.map((other, j) => (j === i ? { data, shape: value.shape } : other));
        return dot((await session.run(feeds(moved), ['y'])).y!.data, weights.data);
      };
      const numeric = ((await lossAt(epsilon)) - (await lossAt(-epsilon))) / (2 * epsilon);
      worst = Math.max(worst, Math.abs(numeric - rule.data[element]!) / scale);
    }
  }
  await session.close();
  return worst;
}

/** The forward pass alone. */
async function evaluate(
  build: (graph: Graph, inputs: readonly Tensor[]) => Tensor,
  values: readonly TensorData[],
  options: GraphOptions = {},
): Promise<TensorData> {
  const graph = new Graph(options);
  const inputs = values.map((value, i) => graph.input(`x${i}`, value.shape));
  const session = await openSession(serialize(graph, { outputs: { y: build(graph, inputs) } }));
  const { y } = await session.run(Object.fromEntries(values.map((value, i) => [`x${i}`, value])));
  await session.close();
  return y!;
}

const apply =
  <A>(operator: Operator<A>, attributes: A) =>
  (graph: Graph, inputs: readonly Tensor[]) =>
    graph.apply(operator, inputs, attributes);

const justRelu6: Operator<undefined> = {
  name: 'relu6',
  forward: (graph, [x]) => relu6(graph, x!),
  gradient: (graph, { output }, dy) => [relu6Gradient(graph, output, dy)],
};

/** From plain values to a blocked map, which holds their negatives. The networks have no need of it: their first layer reads the plain image. */
const toBlocked: Operator<undefined> = {
  name: 'toBlocked',
  forward(graph, [x]) {
    const [n, c, height, width] = x!.shape as number[];
    const filled = Math.ceil(c! / graph.channelBlock!) * graph.channelBlock!;
    return graph.node('ReorderInput', [negative(graph, x!)], [n!, filled, height!, width!], {}, NCHWC);
  },
  gradient: (graph, { inputs }, dy) => [negative(graph, planarOf(graph, dy, inputs[0]!.shape[1]!))],
};

/** [n, c, h, w], output channels, kernel, stride, pads (top, left, bottom, right), depthwise. */
const CONVOLUTIONS: readonly [number[], number, number, number, ConvAttributes['pads'], boolean][] = [
  [[2, 3, 5, 4], 4, 1, 1, [0, 0, 0, 0], false],
  [[1, 3, 5, 5], 2, 3, 1, [1, 1, 1, 1], false],
  [[2, 1, 6, 8], 4, 3, 2, [0, 0, 1, 1], false],
  [[2, 2, 7, 5], 3, 3, 2, [1, 1, 1, 1], false],
  [[1, 2, 6, 6], 2, 3, 2, [0, 0, 0, 0], false],
  [[1, 2, 8, 7], 2, 5, 3, [2, 1, 2, 2], false],
  [[1, 4, 6, 5], 3, 1, 2, [0, 0, 0, 0], false],
  [[2, 3, 5, 6], 3, 3, 1, [1, 1, 1, 1], true],
  [[2, 3, 8, 6], 3, 3, 2, [0, 0, 1, 1], true],
  [[1, 2, 7, 9], 2, 3, 2, [1, 1, 1, 1], true],
  [[2, 2, 6, 8], 2, 3, 2, [0, 0, 0, 0], true],
  [[1, 2, 9, 8], 2, 5, 2, [1, 2, 2, 1], true],
];

/** Random x, w and bias of a convolution. */
function inputsOf(row: (typeof CONVOLUTIONS)[number]): TensorData[] {
  const [shape, channels, kernel, , , depthwise] = row;
  const rng = new Rng(String(row));
  return [
    random(rng, shape),
    random(rng, [channels, depthwise ? 1 : shape[1]!, kernel, kernel]),
    random(rng, [channels]),
  ];
}

describe('gradients against central differences', () => {
  it.each(CONVOLUTIONS)('conv %j -> %i channels, kernel %i, stride %i, pads %j, depthwise %s', async (...row) => {
    const [, , , stride, pads, depthwise] = row;
    const values = inputsOf(row);
    const build = apply(conv, { stride, pads, depthwise });
    expect(await gradientError(build, values, 0.25)).toBeLessThan(1e-4);
  });

  it('relu6, away from its two corners', async () => {
    const values = random(new Rng(1), [2, 3, 4, 5], 5);
    for (let i = 0; i < values.data.length; i++) {
      for (const corner of [0, 6]) if (Math.abs(values.data[i]! - corner) < 0.05) values.data[i] = corner + 0.1;
    }
    expect(await gradientError(apply(justRelu6, undefined), [values], 1e-2)).toBeLessThan(1e-3);
  });

  it('relu6 passes nothing at and beyond its corners', async () => {
    const graph = new Graph();
    const x = graph.input('x', [1, 5]);
    const y = graph.apply(justRelu6, [x], undefined);
    const [dx] = differentiate(graph, y, graph.input('r', [1, 5]), [x]);
    const session = await openSession(serialize(graph, { outputs: { dx: dx! } }));
    const result = await session.run({
      x: { data: Float32Array.of(-1, 0, 3, 6, 9), shape: [1, 5] },
      r: { data: Float32Array.of(1, 1, 1, 1, 1), shape: [1, 5] },
    });
    expect([...result.dx!.data]).toEqual([0, 0, 1, 0, 0]);
  });

  it.each([[[3, 2, 4, 5]], [[1, 3, 6, 4]], [[6, 4, 1, 1]]])('batch norm of %j', async (shape) => {
    const rng = new Rng(String(shape));
    const channels = shape[1]!;
    const values = [random(rng, shape, 2), random(rng, [channels]), random(rng, [channels])];
    expect(await gradientError(apply(batchNorm, {}), values, 1e-2)).toBeLessThan(2e-3);
  });

  it('batch norm with relu6: a channel between the corners, one below and one above', async () => {
    const values = [
      random(new Rng('clipped'), [2, 3, 3, 4]),
      { data: Float32Array.of(0.8, 1, 1), shape: [3] },
      { data: Float32Array.of(3, -9, 15), shape: [3] },
    ];
    expect(await gradientError(apply(batchNorm, { relu6: true }), values, 1e-2)).toBeLessThan(2e-3);
  });

  it('add', async () => {
    const rng = new Rng(2);
    expect(await gradientError(apply(add, undefined), [random(rng, [2, 3]), random(rng, [2, 3])], 0.25)).toBeLessThan(
      1e-4,
    );
  });

  const overCanvas =
    (operator: Operator, grids: Grids) =>
    (graph: Graph, [x]: readonly Tensor[]) =>
      graph.apply(operator, [x!, regionsOfCanvas(graph, x!, grids)], undefined);

  /** Regions of each image its own, whose weights sum to 1. */
  const ownRegions = (rng: Rng, [n, count, pixels]: readonly [number, number, number]): TensorData => {
    const data = Float32Array.from({ length: n * count * pixels }, () => rng.uniform(0, 1));
    for (let row = 0; row < data.length; row += pixels) {
      const total = data.subarray(row, row + pixels).reduce((sum, weight) => sum + weight, 0);
      for (let i = row; i < row + pixels; i++) data[i]! /= total;
    }
    return { data, shape: [n, count, pixels] };
  };

  it.each<{ grids: Grids }>([
    { grids: [[1, 1]] },
    {
      grids: [
        [1, 1],
        [1, 3],
        [2, 2],
      ],
    },
  ])('means and deviations over $grids', async ({ grids }) => {
    const map = random(new Rng(3), [2, 3, 4, 7]);
    expect(await gradientError(overCanvas(regionPool, grids), [map], 0.25)).toBeLessThan(1e-4);
    expect(await gradientError(overCanvas(regionDeviation, grids), [map], 5e-3)).toBeLessThan(1e-3);
  });

  it('means and deviations over regions of each image its own', async () => {
    const rng = new Rng(16);
    const values = [random(rng, [2, 3, 4, 7]), ownRegions(rng, [2, 5, 28])];
    const fixed = { fixed: [1] };
    expect(await gradientError(apply(regionPool, undefined), values, 0.25, fixed)).toBeLessThan(1e-4);
    expect(await gradientError(apply(regionDeviation, undefined), values, 5e-3, fixed)).toBeLessThan(1e-3);
    const [map, regions] = values;
    const { data } = await evaluate(apply(regionPool, undefined), values);
    for (let at = 0; at < data.length; at++) {
      const [image, channel, region] = [Math.floor(at / 15), Math.floor(at / 5) % 3, at % 5];
      let mean = 0;
      for (let pixel = 0; pixel < 28; pixel++) {
        mean += map!.data[(image * 3 + channel) * 28 + pixel]! * regions!.data[(image * 5 + region) * 28 + pixel]!;
      }
      expect(data[at]).toBeCloseTo(mean, 5);
    }
  });

  it('deviation is the root of the mean squared difference from the mean, 0 where all pixels are alike', async () => {
    const map = random(new Rng(18), [1, 2, 4, 6]);
    map.data.fill(3, 24); // the second channel
    const { data } = await evaluate(overCanvas(regionDeviation, [[2, 3]]), [map]);
    for (let cell = 0; cell < 6; cell++) {
      const [top, left] = [2 * Math.floor(cell / 3), 2 * (cell % 3)];
      const pixels = [0, 1, 6, 7].map((step) => map.data[6 * top + left + step]!);
      const mean = pixels.reduce((sum, pixel) => sum + pixel / 4, 0);
      const variance = pixels.reduce((sum, pixel) => sum + (pixel - mean) ** 2 / 4, 0);
      expect(data[cell]).toBeCloseTo(Math.sqrt(variance), 4);
      expect(data[6 + cell]).toBeLessThan(0.01);
    }
  });

  it('dense', async () => {
    const rng = new Rng(4);
    const values = [random(rng, [3, 5]), random(rng, [4, 5]), random(rng, [4])];
    expect(await gradientError(apply(dense, undefined), values, 0.25)).toBeLessThan(1e-4);
  });

  it('reshape', async () => {
    expect(await gradientError(apply(reshape, { shape: [6] }), [random(new Rng(5), [2, 2, 3])], 0.25)).toBeLessThan(
      1e-4,
    );
  });

  it('concat', async () => {
    const rng = new Rng(5);
    const values = [random(rng, [3, 2]), random(rng, [3, 4]), random(rng, [3, 1])];
    expect(await gradientError(apply(concat, undefined), values, 0.25)).toBeLessThan(1e-4);
  });

  it('L2 normalisation', async () => {
    expect(await gradientError(apply(l2Normalize, undefined), [random(new Rng(6), [3, 5])], 5e-3)).toBeLessThan(1e-3);
  });

  it('radius', async () => {
    const rng = new Rng(16);
    const values = [random(rng, [3, 5], 0.45), random(rng, [5], 0.2), random(rng, [1], 0.2)];
    expect(await gradientError(apply(radius, undefined), values, 5e-3)).toBeLessThan(1e-3);
  });
});

/** [n, c, h, w], output channels, kernel, stride, pads, depthwise; none of the channels fill their last block. */
const BLOCKED_CONVOLUTIONS: typeof CONVOLUTIONS = [
  [[2, 4, 5, 6], 24, 1, 1, [0, 0, 0, 0], false], // more channels out than in
  [[2, 20, 3, 4], 6, 1, 1, [0, 0, 0, 0], false], // fewer
  [[3, 20, 2, 2], 40, 1, 1, [0, 0, 0, 0], false], // more weights than pixels
  [[3, 40, 2, 1], 18, 1, 1, [0, 0, 0, 0], false],
  [[2, 20, 5, 6], 20, 3, 1, [1, 1, 1, 1], true],
  [[2, 4, 8, 6], 4, 3, 2, [0, 0, 1, 1], true],
  [[1, 4, 7, 9], 4, 3, 2, [1, 1, 1, 1], true],
  [[1, 4, 9, 8], 4, 5, 2, [1, 2, 2, 1], true],
];

/** First layers read the plain image; their input gets no gradient. */
const FIRST_LAYERS: typeof CONVOLUTIONS = [
  [[2, 1, 6, 8], 20, 3, 2, [0, 0, 1, 1], false],
  [[2, 3, 7, 5], 8, 3, 2, [1, 1, 1, 1], false],
];

describe.skipIf(block === undefined)(`gradients on maps of ${block} channels side by side`, () => {
  it.each([...BLOCKED_CONVOLUTIONS, ...FIRST_LAYERS])(
    'conv %j -> %i channels, kernel %i, stride %i, pads %j, depthwise %s',
    async (...row) => {
      const [, channels, , stride, pads, depthwise] = row;
      const values = inputsOf(row);
      const first = FIRST_LAYERS.some((layer) => String(layer) === String(row));
      const blockedBuild = (graph: Graph, [x, w, bias]: readonly Tensor[]) => {
        const map = first ? x! : graph.apply(toBlocked, [x!], undefined);
        const y = graph.apply(blockedConv, [map, w!, bias!], { stride, pads, depthwise });
        return graph.apply(toPlanar, [y], { channels });
      };
      const more = { options: { channelBlock: block }, fixed: first ? [0] : [] };
      expect(await gradientError(blockedBuild, values, 0.25, more)).toBeLessThan(1e-4);

      const plainBuild = apply(conv, { stride, pads, depthwise });
      const [plain, blocked] = [await evaluate(plainBuild, values), await evaluate(blockedBuild, values, more.options)];
      expect(blocked.shape).toEqual(plain.shape);
      blocked.data.forEach((value, i) => {
        expect(value).toBeCloseTo(plain.data[i]!, 4);
      });
    },
  );

  it.each([[[3, 4, 4, 5]], [[1, 20, 3, 4]]])('batch norm of %j, plain and with relu6', async (shape) => {
    const rng = new Rng(String(shape));
    const channels = shape[1]!;
    const x = random(rng, shape, 2);
    const between = [3, -9, 15]; // with relu6: between its corners, below, above
    const away = [
      { data: new Float32Array(channels).fill(0.8), shape: [channels] },
      { data: Float32Array.from({ length: channels }, (_, i) => between[i % 3]!), shape: [channels] },
    ];
    for (const relu6 of [false, true]) {
      const values = [x, ...(relu6 ? away : [random(rng, [channels]), random(rng, [channels])])];
      const blockedBuild = (graph: Graph, [x, scale, shift]: readonly Tensor[]) => {
        const map = graph.apply(toBlocked, [x!], undefined);
        const y = graph.apply(blockedBatchNorm, [map, scale!, shift!], { relu6 });
        return graph.apply(toPlanar, [y], { channels });
      };
      const options = { channelBlock: block };
      expect(await gradientError(blockedBuild, values, 1e-2, { options })).toBeLessThan(2e-3);
      const plain = await evaluate(apply(batchNorm, { relu6 }), values);
      const blocked = await evaluate(blockedBuild, values, options);
      blocked.data.forEach((value, i) => {
        expect(value).toBeCloseTo(plain.data[i]!, 4);
      });
    }
  });

  it.each(['folded', 'trained'] as const)(
    'a whole network, batch norm %s: embeddings and gradients are those of the plain graph',
    async (form) => {
      const rng = new Rng('network');
      const architecture = architectureSchema.parse({ widthMultiplier: 0.35, embeddingSize: 16 });
      const size = { batch: 2, height: 64, width: 96 };
      const results = [];
      for (const channelBlock of [undefined, block]) {
        const network = buildTrainingNetwork(architecture, size, () => true, { channelBlock, batchNorm: form });
        const weights = network.graph.parameters.map(({ name, shape }): [string, TensorData] => {
          const values = random(
            rng.fork(name),
            shape,
            shape.length === 1 ? 0.3 : Math.sqrt(2 / elementCount(shape.slice(1))),
          );
          return [name, name.endsWith('.scale') ? { shape, data: values.data.map((value) => 1 + value) } : values];
        });
        const named = network.gradients.map((gradient, i): [string, Tensor] => [network.trainable[i]!.name, gradient]);
        const { graph, embedding } = network;
        const outputs = { embedding, ...Object.fromEntries(named.map(([name, tensor]) => [`d ${name}`, tensor])) };
        const session = await openSession(serialize(graph, { outputs }));
        const feeds = Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, random(new Rng(name), shape)]));
        results.push(await session.run({ ...feeds, ...Object.fromEntries(weights) }));
        await session.close();
      }
      const [plain, blocked] = results;
      // A shift that only a further batch norm sees has the gradient 0, of which rounding leaves something.
      const nothing = form === 'trained' ? 0.05 : 1e-6;
      for (const [name, { data }] of Object.entries(plain!)) {
        const scale = Math.max(nothing, ...data.map(Math.abs));
        const worst = Math.max(...data.map((value, i) => Math.abs(value - blocked![name]!.data[i]!)));
        expect([name, worst / scale < 2e-3]).toEqual([name, true]);
      }
    },
  );
});

describe('convolution', () => {
  it.each(CONVOLUTIONS)(
    'equals a naive loop: %j -> %i, kernel %i, stride %i, pads %j, depthwise %s',
    async (...row) => {
      const [[n, c, height, width], o, k, stride, [top, left], depthwise] = row;
      const rng = new Rng(String(row));
      const x = random(rng, [n!, c!, height!, width!]);
      const perGroup = depthwise ? 1 : c!;
      const w = random(rng, [o, perGroup, k, k]);
      const b = random(rng, [o]);
      const graph = new Graph();
      const y = graph.apply(conv, [graph.input('x', x.shape), graph.input('w', w.shape), graph.input('b', b.shape)], {
        stride,
        pads: row[4],
        depthwise,
      });
      const session = await openSession(serialize(graph, { outputs: { y } }));
      const result = (await session.run({ x, w, b })).y!;
      const [, , outHeight, outWidth] = result.shape as number[];
      let position = 0;
      for (let image = 0; image < n!; image++) {
        for (let out = 0; out < o; out++) {
          for (let i = 0; i < outHeight!; i++) {
            for (let j = 0; j < outWidth!; j++) {
              let sum = b.data[out]!;
              for (let channel = 0; channel < perGroup; channel++) {
                for (let u = 0; u < k; u++) {
                  for (let v = 0; v < k; v++) {
                    const row = stride * i + u - top!;
                    const column = stride * j + v - left!;
                    if (row < 0 || column < 0 || row >= height! || column >= width!) continue;
                    const source = depthwise ? out : channel;
                    sum +=
                      w.data[((out * perGroup + channel) * k + u) * k + v]! *
                      x.data[((image * c! + source) * height! + row) * width! + column]!;
                  }
                }
              }
              expect(result.data[position++]).toBeCloseTo(sum, 4);
            }
          }
        }
      }
      await session.close();
    },
  );
});

describe('batch norm', () => {
  it('gives each channel its shift as mean and its scale as deviation, and tells its own mean and variance', async () => {
    const [n, c, pixels] = [3, 2, 20];
    const x = random(new Rng('statistics'), [n, c, 4, 5], 3);
    const [scale, shift] = [Float32Array.of(2, -1), Float32Array.of(5, -7)];
    const graph = new Graph();
    const parameters = [graph.input('scale', [c]), graph.input('shift', [c])];
    const y = graph.apply(batchNorm, [graph.input('x', x.shape), ...parameters], {});
    const [mean, variance] = graph.tape[0]!.saved;
    const session = await openSession(serialize(graph, { outputs: { y, mean: mean!, variance: variance! } }));
    const result = await session.run({ x, scale: { data: scale, shape: [c] }, shift: { data: shift, shape: [c] } });
    for (let channel = 0; channel < c; channel++) {
      const places = Array.from({ length: n * pixels }, (_, i) => {
        return (Math.floor(i / pixels) * c + channel) * pixels + (i % pixels);
      });
      const values = places.map((place) => x.data[place]!);
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const spread = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
      expect(result.mean!.data[channel]).toBeCloseTo(average, 5);
      expect(result.variance!.data[channel]).toBeCloseTo(spread, 4);
      places.forEach((place, i) => {
        const normalized = (values[i]! - average) / Math.sqrt(spread + EPSILON);
        expect(result.y!.data[place]).toBeCloseTo(scale[channel]! * normalized + shift[channel]!, 4);
      });
    }
    await session.close();
  });
});

describe('differentiate', () => {
  it('sums what flows back from every use: d(x w + x)/dx', async () => {
    const graph = new Graph();
    const x = graph.input('x', [2, 3]);
    const w = graph.input('w', [3, 3]);
    const b = graph.input('b', [3]);
    const y = graph.apply(add, [graph.apply(dense, [x, w, b], undefined), x], undefined);
    const [dx] = differentiate(graph, y, graph.input('r', [2, 3]), [x]);
    const session = await openSession(serialize(graph, { outputs: { dx: dx! } }));
    const rng = new Rng(9);
    const [xs, ws, r] = [random(rng, [2, 3]), random(rng, [3, 3]), random(rng, [2, 3])];
    const zeros = { data: new Float32Array(3), shape: [3] };
    const result = await session.run({ x: xs, w: ws, b: zeros, r });
    for (let n = 0; n < 2; n++) {
      for (let i = 0; i < 3; i++) {
        let expected = r.data[n * 3 + i]!;
        for (let o = 0; o < 3; o++) expected += r.data[n * 3 + o]! * ws.data[o * 3 + i]!;
        expect(result.dx!.data[n * 3 + i]).toBeCloseTo(expected, 5);
      }
    }
  });
});
