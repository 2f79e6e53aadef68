/** Writes a graph as an ONNX model (IR version 9, opset 18). */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { AttributeValue, ConstantData, DataType, Graph, GraphNode, Tensor } from './graph.js';

export interface SerializeOptions {
  /** Parameter values by name: they become constants of the model. Parameters that are missing become inputs. */
  readonly weights?: ReadonlyMap<string, Float32Array>;
  /** Write the first dimension of inputs and outputs as the symbol `N`, so that any batch size runs. */
  readonly symbolicBatch?: boolean;
  /** Stored in the model as metadata properties. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Names the outputs have outside: `{ embedding: tensor }`. */
  readonly outputs: Readonly<Record<string, Tensor>>;
}

const DATA_TYPES: Readonly<Record<DataType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
};

/** @returns the bytes of an .onnx file */
export function serialize(graph: Graph, options: SerializeOptions): Uint8Array {
  const weights = options.weights ?? new Map<string, Float32Array>();

  const tensorProto = (tensor: Tensor, data: ConstantData) =>
    create(TensorProtoSchema, {
      name: tensor.name,
      dims: tensor.shape.map(BigInt),
      dataType: DATA_TYPES[tensor.dtype],
      rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
    });

  const valueInfo = (name: string, tensor: Tensor, symbolic: boolean) =>
    create(ValueInfoProtoSchema, {
      name,
      type: create(TypeProtoSchema, {
        value: {
          case: 'tensorType',
          value: create(TypeProto_TensorSchema, {
            elemType: DATA_TYPES[tensor.dtype],
            shape: create(TensorShapeProtoSchema, {
              dim: tensor.shape.map((size, axis) =>
                create(TensorShapeProto_DimensionSchema, {
                  value:
                    symbolic && axis === 0
                      ? { case: 'dimParam', value: 'N' }
                      : { case: 'dimValue', value: BigInt(size) },
                }),
              ),
            }),
          }),
        },
      }),
    });

  const symbolic = options.symbolicBatch ?? false;
  const outputs = Object.entries(options.outputs);
  const loose = graph.parameters.filter((parameter) => !weights.has(parameter.name));
  const bound = graph.parameters.filter((parameter) => weights.has(parameter.name));

  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    producerName: 'countersign',
    opsetImport: [...new Set(['', ...graph.nodes.map(({ domain }) => domain)])].map((domain) =>
      create(OperatorSetIdProtoSchema, { domain, version: domain === '' ? 18n : 1n }),
    ),
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    ),
    graph: create(GraphProtoSchema, {
      name: 'countersign',
      node: [
        ...graph.nodes.map(nodeProto),
        ...outputs
          .filter(([name, tensor]) => name !== tensor.name)
          .map(([name, tensor]) =>
            create(NodeProtoSchema, { opType: 'Identity', name, input: [tensor.name], output: [name] }),
          ),
      ],
      input: [
        ...graph.inputs.map((input) => valueInfo(input.name, input, symbolic)),
        ...loose.map((parameter) => valueInfo(parameter.name, parameter, false)),
      ],
      output: outputs.map(([name, tensor]) => valueInfo(name, tensor, symbolic)),
      initializer: [
        ...graph.constants.map(({ tensor, data }) => tensorProto(tensor, data)),
        ...bound.map((parameter) => tensorProto(parameter, weights.get(parameter.name) as Float32Array)),
      ],
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function nodeProto(node: GraphNode) {
  return create(NodeProtoSchema, {
    opType: node.op,
    domain: node.domain,
    name: node.outputs[0]!.name,
    input: node.inputs.map((input) => input.name),
    output: node.outputs.map((output) => output.name),
    attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
  });
}

function attributeProto(name: string, value: AttributeValue) {
  if ('int' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value.int) });
  }
  if ('ints' in value) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: value.ints.map(BigInt),
    });
  }
  if ('floats' in value) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.FLOATS,
      floats: [...value.floats],
    });
  }
  if ('string' in value) {
    const s = Uint8Array.from(new TextEncoder().encode(value.string));
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s });
  }
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
}
