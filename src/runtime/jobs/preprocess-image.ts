import type { PreprocessOptions } from '../../image/options.js';
import { type PreprocessedImage, preprocess } from '../../image/preprocess.js';

export interface PreprocessImage {
  readonly source: string | Uint8Array;
  readonly options: PreprocessOptions;
}

/** Runs in a worker. */
export default function preprocessImage({ source, options }: PreprocessImage): Promise<PreprocessedImage> {
  return preprocess(source, options);
}
