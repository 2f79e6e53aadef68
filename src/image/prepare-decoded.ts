import { fitOnCanvas } from './geometry.js';
import { extractInk } from './ink.js';
import { settleLevels } from './levels.js';
import type { PreprocessOptions } from './options.js';
import { type ImageQuality, measureQuality, requireSignature } from './quality.js';
import { drawShape } from './shape-only.js';
import type { DecodedImage, InkImage } from './types.js';

/** What the network sees, and what the picture it was made from was like. */
export interface PreprocessedImage {
  /** [canvas.height, canvas.width] uint8, 0 = paper, 255 = full ink. */
  readonly ink: InkImage;
  readonly quality: ImageQuality;
}

/**
 * A decoded picture becomes the network's canvas: take the ink off the paper, crop to it, fit it on the canvas, give the
 * ink its standard level. With `strokes: 'equalised'` a pen of one width draws it on the canvas instead. The same code
 * on a server and in a browser.
 *
 * @throws CountersignError IMAGE_BLANK, IMAGE_SOLID, IMAGE_SPECK
 */
export function prepareDecoded(image: DecodedImage, options: PreprocessOptions): PreprocessedImage {
  const ink = extractInk(image, options);
  const box = requireSignature(ink);
  const canvas = options.strokes === 'equalised' ? drawShape(ink, box, options) : fitOnCanvas(ink, box, options);
  return { ink: settleLevels(canvas), quality: measureQuality(image, ink, box) };
}
