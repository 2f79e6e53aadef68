/** Trained batch norm against the folded network: where it begins, and what it is folded into at the end. */
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/core/rng.js';
import type { InkImage } from '../src/image/types.js';
import { architectureSchema } from '../src/nn/architecture.js';
import { foldBatchNorm, unfoldBatchNorm } from '../src/nn/batch-norm-folding.js';
import type { Graph, GraphNode, Tensor } from '../src/nn/graph.js';
import { buildNetwork } from '../src/nn/network.js';
import { EPSILON } from '../src/nn/operators/batch-norm.js';
import { serialize } from '../src/nn/serialize.js';
import { randomWeights, type Weights } from '../src/nn/weights.js';
import { GradientEngine } from '../src/runtime/gradient-engine.js';
import { imageBatch } from '../src/runtime/image-batch.js';
import { measureStatistics } from '../src/runtime/measure-statistics.js';
import { consecutive, spread } from '../src/runtime/micro-batches.js';
import { WorkerPool } from '../src/runtime/pool.js';
import { openSession } from '../src/runtime/session.js';

const architecture = architectureSchema.parse({ widthMultiplier: 0.1, embeddingSize: 16 });
const canvas = { height: 64, width: 96 };
const rng = new Rng('batch norm');
const images = Array.from({ length: 7 }, (_, n): InkImage => {
  const stream = rng.fork(n);
  return { ...canvas, data: Uint8Array.from({ length: 64 * 96 }, () => stream.int(256)) };
});
/** With biases, which random weights lack. */
const folded: Weights = new Map(
  [...randomWeights(architecture, rng)].map(([name, { shape, data }]) => {
    const stream = rng.fork(name);
    return [name, { shape, data: name.endsWith('.bias') ? data.map(() => stream.normal(0.2, 0.3)) : data }];
  }),
);
const pool = new WorkerPool(2);
afterAll(() => pool.close());

const embedder = (weights: Weights) =>
  GradientEngine.create(pool, architecture, canvas, weights, { isTrainable: () => false });
const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe('the beginning', () => {
  it.each(['fastest', 'plain'] as const)(
    'on the micro-batch that was measured, is the folded network (layout %s)',
    async (layout) => {
      const batch = images.slice(0, 3);
      const statistics = await measureStatistics(architecture, folded, batch, { microBatch: 3, workers: 1 });
      const trained = unfoldBatchNorm(folded, statistics);
      expect([...trained.keys()].filter((name) => name.endsWith('.bias'))).toEqual(['head.bias']);

      const options = { batchNorm: 'trained', microBatch: 3, layout } as const;
      const engine = await GradientEngine.create(pool, architecture, canvas, trained, options);
      const reference = await embedder(folded);
      const result = await engine.forward(batch);
      expect(distance(result.embeddings, await reference.embed(batch))).toBeLessThan(1e-4);

      expect([...result.statistics.keys()].sort()).toEqual([...statistics.keys()].sort());
      for (const [name, { data }] of statistics) {
        expect([name, distance(data, result.statistics.get(name)!.data) < 1e-3]).toEqual([name, true]);
      }
    },
  );

  it('on several micro-batches, is the folded network up to their differences', async () => {
    const statistics = await measureStatistics(architecture, folded, images, { microBatch: 3, workers: 2 });
    const trained = unfoldBatchNorm(folded, statistics);
    const engine = await GradientEngine.create(pool, architecture, canvas, trained, {
      batchNorm: 'trained',
      microBatch: 3,
    });
    const reference = await embedder(folded);
    const [begun, kept] = [await engine.embed(images), await reference.embed(images)];
    for (let n = 0; n < images.length; n++) {
      const cosine = begun.slice(n * 16, n * 16 + 16).reduce((sum, value, i) => sum + value * kept[n * 16 + i]!, 0);
      expect(cosine).toBeGreaterThan(0.9);
    }
  });
});

describe('folding', () => {
  it('gives back what was unfolded', async () => {
    const statistics = await measureStatistics(architecture, folded, images, { microBatch: 2, workers: 2 });
    const again = foldBatchNorm(unfoldBatchNorm(folded, statistics), statistics);
    expect([...again.keys()].sort()).toEqual([...folded.keys()].sort());
    for (const [name, { shape, data }] of folded) {
      expect(again.get(name)!.shape).toEqual(shape);
      expect([name, distance(data, again.get(name)!.data) < 1e-5]).toEqual([name, true]);
    }
  });

  it('keeps the function that the trained network has with fixed statistics', async () => {
    const measured = await measureStatistics(architecture, folded, images, { microBatch: 3, workers: 2 });
    const changed = (values: Weights, kinds: readonly string[]): Weights =>
      new Map(
        [...values].map(([name, { shape, data }]) => {
          if (!kinds.some((kind) => name.endsWith(kind))) return [name, { shape, data }];
          const stream = rng.fork(`${name} changed`);
          return [name, { shape, data: data.map((value) => value * stream.uniform(0.5, 1.5)) }];
        }),
      );
    const trained = changed(unfoldBatchNorm(folded, measured), ['.scale', '.shift', '.weight']);
    const statistics = changed(measured, ['.mean', '.variance']);

    const network = buildNetwork(architecture, { batch: images.length, ...canvas }, { batchNorm: 'trained' });
    fixStatistics(network.graph, statistics);
    const outputs = { embedding: network.embedding };
    const values = new Map([...trained].map(([name, { data }]) => [name, data]));
    const session = await openSession(serialize(network.graph, { outputs, weights: values }));
    const { embedding } = await session.run({ image: imageBatch(images) });
    await session.close();

    const engine = await embedder(foldBatchNorm(trained, statistics));
    expect(distance(embedding!.data, await engine.embed(images))).toBeLessThan(1e-4);
  });
});

/** Batch norm as the runtime defines it outside training: with statistics that are given. */
function fixStatistics(graph: Graph, statistics: Weights): void {
  const constant = (name: string): Tensor => graph.constant(statistics.get(name)!.data, statistics.get(name)!.shape);
  graph.nodes.forEach((node, i) => {
    if (node.op !== 'BatchNormalization') return;
    const [x, scale, shift] = node.inputs as [Tensor, Tensor, Tensor];
    const layer = scale.name.replace(/\.scale$/, '');
    const fixed: GraphNode = {
      ...node,
      inputs: [x, scale, shift, constant(`${layer}.mean`), constant(`${layer}.variance`)],
      outputs: node.outputs.slice(0, 1),
      attributes: { epsilon: { float: EPSILON } },
    };
    graph.nodes[i] = fixed;
  });
}

describe('micro-batches', () => {
  it('that are spread put neighbours apart and fill up with the first images', () => {
    expect(consecutive(7, 3).map(({ rows }) => rows)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(spread(7, 3)).toEqual([
      { rows: [0, 3, 6], own: 3 },
      { rows: [1, 4, 0], own: 2 },
      { rows: [2, 5, 1], own: 2 },
    ]);
    expect(spread(1, 3)).toEqual([{ rows: [0, 0, 0], own: 1 }]);
  });

  it.each(['folded', 'trained'] as const)(
    'batch norm %s: the gradient is that of the embeddings',
    async (batchNorm) => {
      const statistics = await measureStatistics(architecture, folded, images, { microBatch: 3, workers: 2 });
      const weights = batchNorm === 'trained' ? unfoldBatchNorm(folded, statistics) : folded;
      const engine = await GradientEngine.create(pool, architecture, canvas, weights, { batchNorm, microBatch: 3 });
      const seed = Float32Array.from({ length: images.length * 16 }, () => rng.normal());
      const gradient = (await engine.gradient(images, seed)).slice();
      let offset = 0;
      const place = new Map(
        engine.trainable.map(({ name, shape }) => {
          const start = offset;
          offset += shape.reduce((product, size) => product * size, 1);
          return [name, start];
        }),
      );
      const lossAt = async (shift: number) => {
        engine.weights.tensors.get('head.bias')!.data[3]! += shift;
        await engine.weightsChanged();
        const embeddings = await engine.embed(images);
        engine.weights.tensors.get('head.bias')!.data[3]! -= shift;
        return embeddings.reduce((sum, value, i) => sum + value * seed[i]!, 0);
      };
      const numeric = ((await lossAt(0.02)) - (await lossAt(-0.02))) / 0.04;
      const rule = gradient[place.get('head.bias')! + 3]!;
      expect(Math.abs(rule - numeric)).toBeLessThan(0.01 * Math.max(1, Math.abs(numeric)));
    },
  );
});
