/**
 * What a head of integers reads is not what it was made for: rounding, layer after layer, has moved each feature of each image a little,
 * and a head that whitens says such small differences loud. Where they go is partly to be told from what is read, so weights can take it
 * back, as biases take back means (see quantization-measures.ts). With z [F] what the integer network reads, around its mean, and
 * r [D] what its output then lacks of that of the float network, around its mean, over N images,
 *
 *     W + R^T (Z Z^T + ridge I)^-1 Z        is least squares of r by z, with a ridge that keeps W near itself where N is small,
 *
 * and the bias takes the means.
 */
import { factorise, solveLower, solveUpper } from '../core/cholesky.js';
import type { Head } from './head.js';

/** Of the mean of what an image has on the diagonal of Z Z^T; between a hundredth and a third hardly matter. */
const RIDGE = 0.2;

export interface ReadFeatures {
  /** What the head of the float network reads of each image, [N, F]. */
  readonly float: Float32Array;
  /** What that of the integer one reads. */
  readonly integer: Float32Array;
}

/** @param head - of the float network; @returns that of an integer one */
export function correctHead(head: Head, { float, integer }: ReadFeatures): Head {
  const weight = head.weight.data;
  const count = head.weight.shape[1]!;
  const images = integer.length / count;
  const size = weight.length / count;
  const read = centred(integer, count);
  const lost = centred(
    float.map((value, i) => value - integer[i]!),
    count,
  );

  const gram = new Float64Array(images * images);
  let diagonal = 0;
  for (let i = 0; i < images; i++) {
    for (let j = 0; j <= i; j++) gram[i * images + j] = dot(read.rows, i, read.rows, j, count);
    diagonal += gram[i * images + i]! / images;
  }
  for (let i = 0; i < images; i++) gram[i * images + i]! += RIDGE * diagonal || 1;
  factorise(gram, images);

  const corrected = Float32Array.from(weight);
  const bias = Float64Array.from(head.bias.data);
  const rows = Float64Array.from(weight);
  for (let k = 0; k < size; k++) {
    const left = Float64Array.from({ length: images }, (_, i) => dot(rows, k, lost.rows, i, count));
    solveLower(gram, images, left);
    solveUpper(gram, images, left);
    const change = new Float64Array(count);
    for (let i = 0, at = 0; i < images; i++) {
      for (let f = 0; f < count; f++, at++) change[f]! += left[i]! * read.rows[at]!;
    }
    for (let f = 0; f < count; f++) {
      corrected[k * count + f]! += change[f]!;
      bias[k]! += weight[k * count + f]! * lost.mean[f]! - change[f]! * read.mean[f]!;
    }
  }
  return {
    weight: { shape: head.weight.shape, data: corrected },
    bias: { shape: head.bias.shape, data: Float32Array.from(bias) },
  };
}

function centred(values: Float32Array, count: number): { readonly rows: Float64Array; readonly mean: Float64Array } {
  const mean = new Float64Array(count);
  values.forEach((value, i) => {
    mean[i % count]! += (value * count) / values.length;
  });
  return { rows: Float64Array.from(values, (value, i) => value - mean[i % count]!), mean };
}

function dot(a: Float64Array, rowOfA: number, b: Float64Array, rowOfB: number, count: number): number {
  let sum = 0;
  for (let f = 0, i = rowOfA * count, j = rowOfB * count; f < count; f++, i++, j++) sum += a[i]! * b[j]!;
  return sum;
}
