import type { InkImage } from '../image/types.js';
import type { TensorData } from './session.js';

/** How images become the input of a network. */
export interface ImageInput {
  readonly name: string;
  readonly layout: 'NCHW' | 'NHWC';
  /** For each channel [256]: what ink 0 = paper .. 255 = full ink becomes. */
  readonly levels: readonly Float32Array[];
}

/** Of our own networks: [N, 1, H, W] with 0 = paper, 1 = full ink. */
export const INK_INPUT: ImageInput = {
  name: 'image',
  layout: 'NCHW',
  levels: [Float32Array.from({ length: 256 }, (_, ink) => ink / 255)],
};

/**
 * Images of one size as the network's input.
 *
 * @param size - batch size; images that are missing to it are zeros, the paper of our own networks
 */
export function imageBatch(
  images: readonly InkImage[],
  size = images.length,
  { layout, levels } = INK_INPUT,
): TensorData {
  const { width, height } = images[0]!;
  const [pixels, channels] = [width * height, levels.length];
  const data = new Float32Array(size * channels * pixels);
  const [pixelStep, channelStep] = layout === 'NCHW' ? [1, pixels] : [channels, 1];
  images.forEach((image, n) => {
    if (image.width !== width || image.height !== height) {
      throw new Error(`a batch needs images of one size: ${image.width} x ${image.height} beside ${width} x ${height}`);
    }
    levels.forEach((level, c) => {
      const start = n * channels * pixels + c * channelStep;
      for (let i = 0; i < pixels; i++) data[start + i * pixelStep] = level[image.data[i]!]!;
    });
  });
  const shape = layout === 'NCHW' ? [size, channels, height, width] : [size, height, width, channels];
  return { data, shape };
}
