import { type Preparation, prepare } from '../../image/prepare.js';
import type { InkImage } from '../../image/types.js';

export interface PreprocessImage {
  readonly source: string | Uint8Array;
  readonly options: Preparation;
}

/** Runs in a worker. */
export default function preprocessImage({ source, options }: PreprocessImage): Promise<{ readonly ink: InkImage }> {
  return prepare(source, options);
}
