/** The weights in a model file's initializers: floats as they are, 8-bit ones as the floats they stand for. */
import { type ModelProto, TensorProto_DataType } from 'onnx-buf';
import { withoutEqualization } from './equalize-head.js';
import { elementCount } from './graph.js';
import { invalidModel } from './invalid-model.js';
import type { ModelMetadata } from './model-metadata.js';
import { EQUALIZATION_PREFIX, parametersOf, RADIUS_PREFIX } from './network.js';
import { dequantize } from './quantize-layer.js';
import type { WeightTensor } from './weights.js';

/** What the values of an initializer are. */
interface Kind<T> {
  readonly type: TensorProto_DataType;
  readonly array: { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): T };
}

const FLOAT32: Kind<Float32Array> = { type: TensorProto_DataType.FLOAT, array: Float32Array };
const INT8: Kind<Int8Array> = { type: TensorProto_DataType.INT8, array: Int8Array };
const INT32: Kind<Int32Array> = { type: TensorProto_DataType.INT32, array: Int32Array };

/** In a quantised model too. */
const ALWAYS_FLOAT = [RADIUS_PREFIX, EQUALIZATION_PREFIX];

/** @throws CountersignError MODEL_INVALID where one is missing, cut off or of another shape or type */
export function readWeights(
  onnx: ModelProto,
  { architecture, quantization }: Pick<ModelMetadata, 'architecture' | 'quantization'>,
): Map<string, WeightTensor> {
  const initializers = new Map(onnx.graph?.initializer.map((tensor) => [tensor.name, tensor]));
  const values = <T>(name: string, shape: readonly number[], kind: Kind<T>): T => {
    const tensor = initializers.get(name);
    if (tensor === undefined || String(tensor.dims) !== String(shape) || tensor.dataType !== kind.type)
      throw invalidModel(`it lacks the parameter ${name}`);
    if (tensor.rawData.length !== elementCount(shape) * kind.array.BYTES_PER_ELEMENT)
      throw invalidModel(`the values of ${name} are cut off`);
    return new kind.array(new Uint8Array(tensor.rawData).buffer);
  };
  const readBack = (name: string, shape: readonly number[]): Float32Array => {
    const scales = values(`${name}.scale`, [shape[0]!], FLOAT32);
    if (!scales.every((scale) => scale > 0 && scale < Number.POSITIVE_INFINITY))
      throw invalidModel(`the scales of ${name} are not all above 0`);
    const integers = shape.length > 1 ? values(name, shape, INT8) : values(name, shape, INT32);
    return dequantize({ integers, scales });
  };
  // Neither that of floats, nor that of integers of an earlier version.
  const isEqualised = [...initializers.keys()].some((name) => name.startsWith(EQUALIZATION_PREFIX));
  const weights = new Map(
    parametersOf(architecture, { isEqualised }).map(({ name, shape }) => {
      const isFloat = quantization === undefined || ALWAYS_FLOAT.some((prefix) => name.startsWith(prefix));
      return [name, { shape, data: isFloat ? values(name, shape, FLOAT32) : readBack(name, shape) }];
    }),
  );
  return isEqualised ? withoutEqualization(weights) : weights;
}
