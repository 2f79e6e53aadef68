import type { InkImage } from '../image/types.js';
import type { TensorData } from './session.js';

/**
 * Images of one size as the network's input.
 *
 * @param size - batch size; images that are missing to it are paper
 * @returns [size, 1, H, W] float32, 0 = paper, 1 = full ink
 */
export function imageBatch(images: readonly InkImage[], size = images.length): TensorData {
  const { width, height } = images[0]!;
  const pixels = width * height;
  const data = new Float32Array(size * pixels);
  images.forEach((image, n) => {
    if (image.width !== width || image.height !== height) {
      throw new Error(`a batch needs images of one size: ${image.width} x ${image.height} beside ${width} x ${height}`);
    }
    const offset = n * pixels;
    for (let i = 0; i < pixels; i++) data[offset + i] = image.data[i]! / 255;
  });
  return { data, shape: [size, 1, height, width] };
}
