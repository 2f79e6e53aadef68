/**
 * A network as a list of ONNX nodes with static shapes, and the tape that differentiation reads.
 *
 * `Graph.node` appends one plain ONNX node. `Graph.apply` runs an {@link Operator}, which may append several, and puts
 * the call on the tape; `differentiate` later walks the tape backwards and asks each operator for its gradient nodes.
 * Nothing here computes: the result is bytes for ONNX Runtime (see serialize.ts).
 */

/** A value in the graph. `shape` is static; float32 unless said otherwise. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

export type DataType = 'float32' | 'int64' | 'int32' | 'int8' | 'uint8';

/** The values of a constant, row by row. */
export type ConstantData = Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;

export type AttributeValue =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly string: string };

export interface GraphNode {
  readonly op: string;
  /** Operator set; '' is ONNX's own. */
  readonly domain: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/**
 * A differentiable operator: the forward nodes and the gradient rule in one place.
 *
 * @typeParam A - its attributes (strides, paddings, ...)
 */
export interface Operator<A = undefined> {
  readonly name: string;
  /** Appends the forward nodes and returns their result, alone or with what else of them is worth keeping. */
  forward(graph: Graph, inputs: readonly Tensor[], attributes: A): Tensor | OperatorResult;
  /**
   * Appends the gradient nodes: from dL/d(output), of the output's shape, dL/d(input) for every input that `needed`
   * marks, each of its input's shape.
   */
  gradient(
    graph: Graph,
    call: OperatorCall<A>,
    outputGradient: Tensor,
    needed: readonly boolean[],
  ): (Tensor | undefined)[];
}

export interface OperatorResult {
  readonly output: Tensor;
  /** Values on the way to it that the gradient, or whoever reads the tape, needs again. */
  readonly saved: readonly Tensor[];
}

/** One entry of the tape. */
export interface OperatorCall<A = undefined> {
  readonly operator: Operator<A>;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly saved: readonly Tensor[];
  readonly attributes: A;
}

export interface GraphOptions {
  /**
   * Channels that lie side by side in memory: feature maps are kept in the runtime's own order for convolutions (see
   * operators/blocked-layout.ts). Without it the graph is plain ONNX in NCHW order.
   */
  readonly channelBlock?: number | undefined;
  /** `trained`: convolutions have a batch norm of their own (see operators/batch-norm.ts) in place of a bias. */
  readonly batchNorm?: BatchNorm | undefined;
}

/** What became of the batch norm behind each convolution: part of its kernel and bias, or parameters of its own. */
export type BatchNorm = 'folded' | 'trained';

export class Graph {
  readonly channelBlock: number | undefined;
  readonly batchNorm: BatchNorm;
  readonly nodes: GraphNode[] = [];
  readonly tape: OperatorCall<unknown>[] = [];
  readonly inputs: Tensor[] = [];
  /** Trainable tensors, in the order of their declaration. */
  readonly parameters: Tensor[] = [];
  readonly constants: { readonly tensor: Tensor; readonly data: ConstantData }[] = [];
  #counter = 0;

  constructor({ channelBlock, batchNorm = 'folded' }: GraphOptions = {}) {
    this.channelBlock = channelBlock;
    this.batchNorm = batchNorm;
  }

  input(name: string, shape: readonly number[]): Tensor {
    const tensor: Tensor = { name, shape, dtype: 'float32' };
    this.inputs.push(tensor);
    return tensor;
  }

  parameter(name: string, shape: readonly number[]): Tensor {
    if (this.parameters.some((parameter) => parameter.name === name)) {
      throw new Error(`parameter ${name} is declared twice`);
    }
    const tensor: Tensor = { name, shape, dtype: 'float32' };
    this.parameters.push(tensor);
    return tensor;
  }

  constant(data: readonly number[] | Float32Array, shape: readonly number[]): Tensor {
    return this.#constant(Float32Array.from(data), shape, 'float32');
  }

  /** Numbers of any type, under a name of their own if need be. */
  typedConstant(data: ConstantData, shape: readonly number[], name?: string): Tensor {
    return this.#constant(data, shape, dataTypeOf(data), name);
  }

  /** A vector of int64: shapes, axes, starts and ends of ONNX operators. */
  integers(values: readonly number[]): Tensor {
    return this.#constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
  }

  /** Appends one ONNX node whose result has the given shape. */
  node(
    op: string,
    inputs: readonly Tensor[],
    shape: readonly number[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
    dtype: DataType = 'float32',
  ): Tensor {
    return this.nodeOfSeveral(op, inputs, [shape], attributes, domain, dtype)[0]!;
  }

  /** Appends one ONNX node of several results, of the given shapes. */
  nodeOfSeveral(
    op: string,
    inputs: readonly Tensor[],
    shapes: readonly (readonly number[])[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
    dtype: DataType = 'float32',
  ): Tensor[] {
    const outputs = shapes.map((shape): Tensor => ({ name: this.#fresh(op), shape, dtype }));
    this.nodes.push({ op, domain, inputs, outputs, attributes });
    return outputs;
  }

  /** Runs a differentiable operator and records it on the tape. */
  apply<A>(operator: Operator<A>, inputs: readonly Tensor[], attributes: A): Tensor {
    const result = operator.forward(this, inputs, attributes);
    const { output, saved } = 'saved' in result ? result : { output: result, saved: [] };
    this.tape.push({ operator, inputs, output, saved, attributes } as OperatorCall<unknown>);
    return output;
  }

  /** The same values in another shape. The first size is left to the runtime, so that any batch size passes. */
  reshape(tensor: Tensor, shape: readonly number[]): Tensor {
    if (elementCount(shape) !== elementCount(tensor.shape)) {
      throw new Error(`cannot reshape [${tensor.shape}] to [${shape}]`);
    }
    return this.node('Reshape', [tensor, this.integers([-1, ...shape.slice(1)])], shape);
  }

  /** Sum over `axes`, which are dropped. */
  reduceSum(tensor: Tensor, axes: readonly number[]): Tensor {
    const shape = tensor.shape.filter((_, axis) => !axes.includes(axis));
    return this.node('ReduceSum', [tensor, this.integers(axes)], shape, { keepdims: { int: 0 } });
  }

  #constant(data: ConstantData, shape: readonly number[], dtype: DataType, name = this.#fresh('const')): Tensor {
    if (data.length !== elementCount(shape)) throw new Error(`${data.length} values do not fill [${shape}]`);
    const tensor: Tensor = { name, shape, dtype };
    this.constants.push({ tensor, data });
    return tensor;
  }

  #fresh(label: string): string {
    return `${label}_${this.#counter++}`;
  }
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function dataTypeOf(data: ConstantData): DataType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Int32Array) return 'int32';
  return data instanceof Int8Array ? 'int8' : 'uint8';
}
