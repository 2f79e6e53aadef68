import type { DecodeLimits, PreprocessOptions } from '../../image/options.js';
import { preprocess } from '../../image/preprocess.js';
import { inkToPng } from '../../image/render.js';

export interface CleanImage {
  readonly source: Uint8Array;
  readonly options: PreprocessOptions;
  readonly limits: DecodeLimits;
}

/** Runs in a worker. @returns a PNG of what the network sees */
export default async function cleanImage({ source, options, limits }: CleanImage): Promise<Uint8Array> {
  const { ink } = await preprocess(source, options, limits);
  return inkToPng(ink);
}
