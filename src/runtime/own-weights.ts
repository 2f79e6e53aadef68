import { readFile } from 'node:fs/promises';
import { clone, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';

/**
 * Where integer products have to be exact (integer-products.ts), the runtime turns the int8 weights of each node into uint8, by their
 * name, and stops at the second node that has the same ones, as the two views of a network do. Here each gets a copy.
 *
 * @param model - of an .onnx file
 * @returns the same bytes where no int8 weights are shared, or some lie in files beside the model
 */
export function ownWeights(model: Uint8Array): Uint8Array {
  const decoded = decode(model);
  const graph = decoded?.graph;
  if (decoded === undefined || graph === undefined) return model;
  if (graph.initializer.some((tensor) => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL)) return model;
  const int8 = new Map(
    graph.initializer.flatMap((tensor): [string, TensorProto][] =>
      tensor.dataType === TensorProto_DataType.INT8 ? [[tensor.name, tensor]] : [],
    ),
  );
  const readers = new Map<string, number>();
  for (const node of graph.node) {
    node.input.forEach((name, i) => {
      const tensor = int8.get(name);
      if (tensor === undefined) return;
      const before = readers.get(name) ?? 0;
      readers.set(name, before + 1);
      if (before === 0) return;
      const copy = clone(TensorProtoSchema, tensor);
      copy.name = `${name}:${before + 1}`;
      graph.initializer.push(copy);
      node.input[i] = copy.name;
    });
  }
  return [...readers.values()].some((count) => count > 1) ? toBinary(ModelProtoSchema, decoded) : model;
}

/** The same of a model that may lie in a file, which stays there where no int8 weights are shared. */
export async function withOwnWeights(model: Uint8Array | string): Promise<Uint8Array | string> {
  const bytes = typeof model === 'string' ? await readFile(model).catch(() => undefined) : model;
  if (bytes === undefined) return model; // the runtime says what is wrong with the file
  const changed = ownWeights(bytes);
  return changed === bytes ? model : changed;
}

/** What is no model the runtime refuses, in its own words. */
function decode(bytes: Uint8Array): ModelProto | undefined {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch {
    return undefined;
  }
}
