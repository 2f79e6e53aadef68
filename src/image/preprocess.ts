import { decodeImage } from './decode.js';
import type { DecodeLimits } from './decode-limits.js';
import type { PreprocessOptions } from './options.js';
import { type PreprocessedImage, prepareDecoded } from './prepare-decoded.js';

/**
 * A picture of a signature becomes the network's canvas: decode, then `prepareDecoded`.
 *
 * @param source - path of an image file, or the file's bytes
 * @param options - resolved options; those in a model file are the ones it was trained with
 * @param limits - what the file may ask of this machine
 * @throws CountersignError IMAGE_* (see `decodeImage` and `prepareDecoded`)
 *
 * @example
 * const options = preprocessOptionsSchema.parse({});
 * const { ink, quality } = await preprocess('signature.png', options);
 * // ink: { width: 224, height: 128, data: Uint8Array(28672) }; quality: { widthPx: 384, strokeWidthPx: 3.1, ... }
 */
export async function preprocess(
  source: string | Uint8Array,
  options: PreprocessOptions,
  limits: DecodeLimits = {},
): Promise<PreprocessedImage> {
  return prepareDecoded(await decodeImage(source, limits, options.workingSidePx), options);
}
