import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { Graph } from '../nn/graph.js';
import { serialize } from '../nn/serialize.js';
import { ownWeights, withOwnWeights } from './own-weights.js';
import { openSession } from './session.js';

/** x [1, 3], as bytes, times int8 weights [3, 1], as many times over as there are factors. */
function model(factors: number): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', [1, 3]);
  const steps = [graph.constant([1], []), graph.typedConstant(Uint8Array.of(0), [])];
  const integers = graph.node('QuantizeLinear', [x, ...steps], [1, 3], {}, '', 'uint8');
  const weights = graph.typedConstant(Int8Array.of(1, -2, 100), [3, 1], 'weights');
  const outputs = Object.fromEntries(
    Array.from({ length: factors }, (_, k) => {
      const product = graph.node('MatMulInteger', [integers, weights], [1, 1], {}, '', 'int32');
      return [`y${k}`, graph.node('Cast', [product], [1, 1], { to: { int: 1 } })];
    }),
  );
  return serialize(graph, { outputs });
}

describe('ownWeights', () => {
  it('gives each node int8 weights of its own, and changes no number', async () => {
    const bytes = ownWeights(model(3));
    const { graph } = fromBinary(ModelProtoSchema, bytes);
    const names = graph!.node.flatMap(({ opType, input }) => (opType === 'MatMulInteger' ? [input[1]!] : []));
    expect(new Set(names).size).toBe(3);
    expect(names.every((name) => graph!.initializer.some((tensor) => tensor.name === name))).toBe(true);
    const session = await openSession(bytes, { exactIntegers: true });
    const results = await session.run({ x: { data: Float32Array.of(255, 3, 255), shape: [1, 3] } });
    expect(Object.values(results).map(({ data }) => data[0])).toEqual([25749, 25749, 25749]);
    await session.close();
  });

  it('reads a file for it, which stays one where there is nothing to change or to read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-own-weights-'));
    const [alone, shared] = [join(folder, 'alone.onnx'), join(folder, 'shared.onnx')];
    writeFileSync(alone, model(1));
    writeFileSync(shared, model(2));
    expect(await withOwnWeights(alone)).toBe(alone);
    expect(await withOwnWeights(join(folder, 'missing.onnx'))).toBe(join(folder, 'missing.onnx'));
    expect(await withOwnWeights(shared)).toEqual(ownWeights(model(2)));
    rmSync(folder, { recursive: true });
  });

  it('leaves a model as it is where none are shared, and what is no model to the runtime', () => {
    const alone = model(1);
    expect(ownWeights(alone)).toBe(alone);
    const nothing = Uint8Array.of(255, 255, 255);
    expect(ownWeights(nothing)).toBe(nothing);
  });
});
