/**
 * MobileNet V1 and V2 as two tables over the same blocks. Batch norm is folded, so that every convolution has a bias, or
 * trained (`GraphOptions.batchNorm`), with a scale and a shift. ReLU6; projections linear; padding as TensorFlow's "same"
 * (at stride 2 an odd row or column of zeros lies at the bottom and right). Parameters are named as the layers are in
 * Keras.
 *
 * @see Howard et al. (2017), MobileNets, table 1. Sandler et al. (2018), MobileNetV2, table 2.
 */
import type { Graph, Tensor } from './graph.js';
import { add } from './operators/add.js';
import { batchNorm } from './operators/batch-norm.js';
import { blockedBatchNorm } from './operators/blocked-batch-norm.js';
import { blockedConv } from './operators/blocked-conv.js';
import { toPlanar } from './operators/blocked-layout.js';
import { conv } from './operators/conv.js';

export interface BackboneOptions {
  readonly widthMultiplier: number;
  /** V2 only: the last 1 x 1 convolution, to 1,280 channels. */
  readonly lastConvolution: boolean;
  /** Where the network ends: behind its last map of this part of the image's size; of all without it. */
  readonly endsAt?: Reduction;
}

/** Sizes of an image over those of its maps. */
export type Reduction = 8 | 16 | 32;

/** V1: output channels and stride of each depthwise separable block. */
const V1_BLOCKS: readonly (readonly [channels: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** V2: expansion t, output channels c, repeats n, stride s of the first. */
const V2_STAGES: readonly (readonly [t: number, c: number, n: number, s: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** A feature map and its channels; a blocked map (see operators/blocked-layout.ts) has more, filled up with zeros. */
interface Features {
  readonly map: Tensor;
  readonly channels: number;
}

/** The last map of a reduction, as far as the backbone goes, in plain order: [N, C, H / reduction, W / reduction]. */
export type MapOf = (reduction: Reduction) => Tensor;

/** @param image - [N, C, H, W]; @returns maps of 256, 512 and 1,024 channels at width 1 */
export function mobileNetV1(graph: Graph, image: Tensor, { widthMultiplier, endsAt = 32 }: BackboneOptions): MapOf {
  const width = (channels: number) => Math.max(1, Math.round(channels * widthMultiplier));
  let x = convRelu6(graph, whole(image), 'conv1', width(32), 3, 2); // [N, 32, H/2, W/2]
  const reached = new Map<number, Features>(); // the last map of each reduction
  let reduction = 2;
  for (const [i, [channels, stride]] of V1_BLOCKS.entries()) {
    reduction *= stride;
    if (reduction > endsAt) break;
    x = depthwiseRelu6(graph, x, `conv_dw_${i + 1}`, stride);
    x = convRelu6(graph, x, `conv_pw_${i + 1}`, width(channels), 1, 1);
    reached.set(reduction, x);
  }
  return mapIn(graph, reached);
}

/** @param image - [N, C, H, W]; @returns maps of 32, 96 and 320 or 1,280 channels at width 1 */
export function mobileNetV2(
  graph: Graph,
  image: Tensor,
  { widthMultiplier, lastConvolution, endsAt = 32 }: BackboneOptions,
): MapOf {
  const width = (channels: number) => divisibleBy8(channels * widthMultiplier);
  let x = convRelu6(graph, whole(image), 'Conv1', width(32), 3, 2); // [N, 32, H/2, W/2]
  const reached = new Map<number, Features>(); // the last map of each reduction
  let reduction = 2;
  let block = 0;
  for (const [t, c, n, s] of V2_STAGES) {
    reduction *= s;
    if (reduction > endsAt) break;
    for (let repeat = 0; repeat < n; repeat++, block++) {
      const name = block === 0 ? 'expanded_conv' : `block_${block}`;
      x = invertedResidual(graph, x, name, t, width(c), repeat === 0 ? s : 1);
    }
    reached.set(reduction, x);
  }
  if (lastConvolution && endsAt === 32) {
    const last = divisibleBy8(1280 * Math.max(1, widthMultiplier));
    reached.set(32, convRelu6(graph, x, 'Conv_1', last, 1, 1));
  }
  return mapIn(graph, reached);
}

const mapIn =
  (graph: Graph, reached: ReadonlyMap<number, Features>): MapOf =>
  (reduction) =>
    plain(graph, reached.get(reduction)!);

const whole = (image: Tensor): Features => ({ map: image, channels: image.shape[1]! });

function plain(graph: Graph, { map, channels }: Features): Tensor {
  return graph.channelBlock === undefined ? map : graph.apply(toPlanar, [map], { channels });
}

/** Expand 1 x 1, filter depthwise 3 x 3, project 1 x 1 without activation; add the input where shapes allow. */
function invertedResidual(
  graph: Graph,
  input: Features,
  name: string,
  expansion: number,
  channels: number,
  stride: number,
): Features {
  let x = input;
  if (expansion > 1) x = convRelu6(graph, x, `${name}_expand`, input.channels * expansion, 1, 1);
  x = depthwiseRelu6(graph, x, `${name}_depthwise`, stride);
  x = convolution(graph, x, `${name}_project`, channels, { kernel: 1, stride: 1, depthwise: false, relu6: false });
  if (stride !== 1 || input.channels !== channels) return x;
  return { map: graph.apply(add, [x.map, input.map], undefined), channels };
}

function convRelu6(
  graph: Graph,
  x: Features,
  name: string,
  channels: number,
  kernel: number,
  stride: number,
): Features {
  return convolution(graph, x, name, channels, { kernel, stride, depthwise: false, relu6: true });
}

function depthwiseRelu6(graph: Graph, x: Features, name: string, stride: number): Features {
  return convolution(graph, x, name, x.channels, { kernel: 3, stride, depthwise: true, relu6: true });
}

function convolution(
  graph: Graph,
  x: Features,
  name: string,
  channels: number,
  options: { readonly kernel: number; readonly stride: number; readonly depthwise: boolean; readonly relu6: boolean },
): Features {
  const { kernel, stride, depthwise, relu6 } = options;
  const weight = graph.parameter(`${name}.weight`, [channels, depthwise ? 1 : x.channels, kernel, kernel]);
  const attributes = { stride, pads: samePads(x.map, kernel, stride), depthwise };
  const [convolve, normalize] = graph.channelBlock === undefined ? [conv, batchNorm] : [blockedConv, blockedBatchNorm];
  if (graph.batchNorm === 'folded') {
    const bias = graph.parameter(`${name}.bias`, [channels]);
    return { map: graph.apply(convolve, [x.map, weight, bias], { ...attributes, relu6 }), channels };
  }
  const y = graph.apply(convolve, [x.map, weight], attributes);
  const scale = graph.parameter(`${name}.scale`, [channels]);
  const shift = graph.parameter(`${name}.shift`, [channels]);
  return { map: graph.apply(normalize, [y, scale, shift], { relu6 }), channels };
}

/** Zeros so that the output has ceil(size / stride) pixels; an odd one goes to the bottom and right. */
export function samePads(x: Tensor, kernel: number, stride: number): readonly [number, number, number, number] {
  const [, , height, width] = x.shape as [number, number, number, number];
  const total = (size: number) => Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  const [rows, columns] = [total(height), total(width)];
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return [top, left, rows - top, columns - left];
}

/** Nearest multiple of 8, never less than 90 % of the value (as in the authors' code). */
function divisibleBy8(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
