/**
 * Test-time augmentation inside the network: it sees each image in four views, as it is and mirrored, and gives the four
 * embeddings side by side:
 *
 *     e(x) = [f(x), f(mirror x), f(flip x), f(flip mirror x)] / 2
 *
 * Its Euclidean distance is the root mean square of the four. What one view errs by, another does not: the same weights
 * err less, at four times the cost. Training with mirrored batches (`--augment-mirror`) makes f at home in all four.
 */
import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf';
import { VIEWS } from '../image/mirror.js';

/** Axes of [N, 1, H, W] along which each view is turned about. */
const MIRRORED_AXES = VIEWS.map(([x, y]) => [...(y ? [2] : []), ...(x ? [3] : [])]);

/** Slice's end for "to the first element, that included", going backwards. */
const BEYOND_THE_FIRST = -(2n ** 63n);

/**
 * Adds the views to a network that sees one, in place: the image is mirrored before whatever reads it, and the rows of
 * `embedding` are put side by side.
 *
 * @param onnx - `image` [N, 1, H, W] -> `embedding` [N, D]
 * @param size - of the canvas and of one view's embedding; afterwards `embedding` is [N, 4 D]
 */
export function addMirroredViews(
  onnx: ModelProto,
  { height, width, dimension }: { readonly height: number; readonly width: number; readonly dimension: number },
): void {
  const graph = onnx.graph!;
  const integers = (name: string, values: readonly bigint[]) => {
    const rawData = new Uint8Array(BigInt64Array.from(values).buffer);
    graph.initializer.push(
      create(TensorProtoSchema, {
        name,
        dims: [BigInt(values.length)],
        dataType: TensorProto_DataType.INT64,
        rawData,
      }),
    );
    return name;
  };
  const node = (opType: string, input: string[], output: string, axis?: number) =>
    create(NodeProtoSchema, {
      opType,
      name: `${output}.views`,
      input,
      output: [output],
      ...(axis !== undefined && {
        attribute: [
          create(AttributeProtoSchema, { name: 'axis', type: AttributeProto_AttributeType.INT, i: BigInt(axis) }),
        ],
      }),
    });

  rename(graph.node, 'input', 'image', 'views.images');
  rename(graph.node, 'output', 'embedding', 'views.rows');
  rename(graph.node, 'input', 'embedding', 'views.rows');
  const mirrored: NodeProto[] = [];
  const views = MIRRORED_AXES.map((axes, i) => {
    if (axes.length === 0) return 'image';
    const [first, end, step] = [-1n, BEYOND_THE_FIRST, -1n].map((value, k) =>
      integers(
        `views.${i}.${['first', 'end', 'step'][k]}`,
        axes.map(() => value),
      ),
    );
    const along = integers(`views.${i}.axes`, axes.map(BigInt));
    mirrored.push(node('Slice', ['image', first!, end!, along, step!], `views.${i}`));
    return `views.${i}`;
  });
  const [one, side] = [
    integers('views.one', [-1n, 1n, BigInt(height), BigInt(width)]),
    integers('views.side', [-1n, BigInt(views.length * dimension)]),
  ];
  graph.node.unshift(
    ...mirrored,
    node('Concat', views, 'views.channels', 1), // [N, 4, H, W]
    node('Reshape', ['views.channels', one], 'views.images'), // [4 N, 1, H, W]
  );
  graph.initializer.push(
    create(TensorProtoSchema, {
      name: 'views.share',
      dataType: TensorProto_DataType.FLOAT,
      rawData: new Uint8Array(Float32Array.of(1 / Math.sqrt(views.length)).buffer),
    }),
  );
  graph.node.push(
    node('Reshape', ['views.rows', side], 'views.row'), // [N, 4 D]
    node('Mul', ['views.row', 'views.share'], 'embedding'),
  );
  const type = graph.output[0]!.type!.value;
  if (type.case === 'tensorType') {
    type.value.shape!.dim[1]!.value = { case: 'dimValue', value: BigInt(views.length * dimension) };
  }
}

function rename(nodes: readonly NodeProto[], side: 'input' | 'output', from: string, to: string): void {
  for (const each of nodes) each[side] = each[side].map((name) => (name === from ? to : name));
}
