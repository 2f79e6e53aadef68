import { decodeImage } from './decode.js';
import { fitOnCanvas } from './geometry.js';
import { extractInk } from './ink.js';
import { settleLevels } from './levels.js';
import type { DecodeLimits, PreprocessOptions } from './options.js';
import { type ImageQuality, measureQuality, requireSignature } from './quality.js';
import { drawShape } from './shape-only.js';
import type { InkImage } from './types.js';

/** What the network sees, and what the picture it was made from was like. */
export interface PreprocessedImage {
  /** [canvas.height, canvas.width] uint8, 0 = paper, 255 = full ink. */
  readonly ink: InkImage;
  readonly quality: ImageQuality;
}

/**
 * A picture of a signature becomes the network's canvas: decode, take the ink off the paper, crop to it, fit it on the
 * canvas, give the ink its standard level. With `strokes: 'equalised'` a pen of one width draws it on the canvas instead.
 *
 * @param source - path of an image file, or the file's bytes
 * @param options - resolved options; those in a model file are the ones it was trained with
 * @param limits - what the file may ask of this machine
 * @throws CountersignError IMAGE_* (see `decodeImage` and `requireSignature`)
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
  const image = await decodeImage(source, limits, options.workingSidePx);
  const ink = extractInk(image, options);
  const box = requireSignature(ink);
  const canvas = options.strokes === 'equalised' ? drawShape(ink, box, options) : fitOnCanvas(ink, box, options);
  return { ink: settleLevels(canvas), quality: measureQuality(image, ink, box) };
}
