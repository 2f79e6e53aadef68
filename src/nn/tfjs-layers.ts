/**
 * Weights of a TensorFlow.js layers-model: `model.json` lists tensors in the order in which they lie in the binary
 * files. Kernels turn from TensorFlow's order to ONNX's: [h, w, in, out] -> [out, in, h, w], depthwise [h, w, c, 1] ->
 * [c, 1, h, w], dense [in, out] -> [out, in].
 */
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { parseJson } from '../core/parse-json.js';
import { elementCount } from './graph.js';
import type { WeightTensor } from './weights.js';

const modelSchema = z.object({
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()).min(1),
      weights: z.array(z.object({ name: z.string(), shape: z.array(z.int().positive()), dtype: z.literal('float32') })),
    }),
  ),
});

/** Our names for the tensors of a layer. */
const SUFFIXES: Readonly<Record<string, string>> = { kernel: 'weight', depthwise_kernel: 'weight', bias: 'bias' };

/**
 * @param modelJson - text of model.json
 * @param readFile - bytes of a file that model.json names, relative to it
 * @returns weights named `<layer>.weight` and `<layer>.bias`
 * @throws CountersignError WEIGHTS_INVALID
 */
export async function decodeTfjsLayersModel(
  modelJson: string,
  readFile: (name: string) => Promise<Uint8Array>,
): Promise<Map<string, WeightTensor>> {
  const parsed = modelSchema.safeParse(parseJson(modelJson));
  if (!parsed.success) {
    throw new CountersignError('WEIGHTS_INVALID', 'model.json is not a TFJS layers-model with float32 weights.');
  }
  const weights = new Map<string, WeightTensor>();
  for (const group of parsed.data.weightsManifest) {
    const bytes = Buffer.concat(await Promise.all(group.paths.map(readFile)));
    const expected = group.weights.reduce((sum, { shape }) => sum + elementCount(shape) * 4, 0);
    if (bytes.length !== expected) {
      throw new CountersignError(
        'WEIGHTS_INVALID',
        `${group.paths.join(', ')}: expected ${expected} bytes from model.json, got ${bytes.length}.`,
      );
    }
    let offset = 0;
    for (const { name, shape } of group.weights) {
      const count = elementCount(shape);
      const data = new Float32Array(new Uint8Array(bytes.subarray(offset, offset + count * 4)).buffer);
      offset += count * 4;
      const slash = name.lastIndexOf('/');
      const kind = name.slice(slash + 1);
      const suffix = SUFFIXES[kind];
      if (suffix === undefined) {
        throw new CountersignError(
          'WEIGHTS_INVALID',
          `${name} is no kernel and no bias; fold batch norm into the convolutions before importing.`,
        );
      }
      weights.set(`${name.slice(0, slash)}.${suffix}`, reorder(kind, shape, data));
    }
  }
  return weights;
}

function reorder(kind: string, shape: readonly number[], data: Float32Array): WeightTensor {
  if (kind === 'depthwise_kernel') return permute(shape, data, [2, 3, 0, 1]);
  if (shape.length === 4) return permute(shape, data, [3, 2, 0, 1]);
  if (shape.length === 2) return permute(shape, data, [1, 0]);
  return { shape, data };
}

/** Axis i of the result is axis `order[i]` of the source. */
function permute(shape: readonly number[], data: Float32Array, order: readonly number[]): WeightTensor {
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const outShape = order.map((axis) => shape[axis]!);
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let source = 0;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      source += (rest % outShape[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / outShape[axis]!);
    }
    out[i] = data[source]!;
  }
  return { shape: outShape, data: out };
}
