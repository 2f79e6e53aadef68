import type { Dataset, SampleKind } from '../dataset.js';
import type { Listing } from '../listing.js';

/** One way to lay out a data set in files. */
export interface Layout {
  /** What `--layout` takes: `bhsig260-hindi`, `plain`. */
  readonly name: string;
  /** The files of this layout, in words, for messages. */
  readonly expects: string;
  /** Whether the folder holds a data set of this layout: one file is enough, so that the others can be judged. */
  detect(listing: Listing): boolean;
  /** @throws DATASET_FILE_UNEXPECTED for the first file that does not fit, DATASET_LAYOUT_UNKNOWN when none does */
  read(listing: Listing): Dataset;
}

/** What a path says about an image. */
export interface Label {
  readonly writer: string;
  readonly kind: SampleKind;
  /** Default: the writer. */
  readonly identity?: string;
}

/** The formats that can be decoded. A source of regular expressions. */
export const IMAGE = String.raw`\.(?:png|jpe?g|tiff?|webp|gif)$`;

/** A writer's number as the published lists write it: `001` is `1`. Names stay as they are. */
export function normaliseWriter(writer: string): string {
  return /^[0-9]+$/.test(writer) ? writer.replace(/^0+(?=[0-9])/, '') : writer;
}
