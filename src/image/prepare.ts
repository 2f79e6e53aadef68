import type { DecodeLimits } from './decode-limits.js';
import type { PreprocessOptions } from './options.js';
import { type PlainPictureOptions, plainPicture } from './plain-picture.js';
import { preprocess } from './preprocess.js';
import type { InkImage } from './types.js';

/** How a file becomes what a network sees: our own preparation, or the picture as it is. */
export type Preparation = PreprocessOptions | PlainPictureOptions;

/** @throws CountersignError IMAGE_* */
export function prepare(
  source: string | Uint8Array,
  preparation: Preparation,
  limits?: DecodeLimits,
): Promise<{ readonly ink: InkImage }> {
  return 'resize' in preparation ? plainPicture(source, preparation, limits) : preprocess(source, preparation, limits);
}
