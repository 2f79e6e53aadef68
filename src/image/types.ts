import type { ImageFormat } from './file-format.js';

/** A decoded picture: [height, width] uint8, row-major, 0 = black, 255 = white. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A picture and what its file said. */
export interface DecodedImage extends GreyImage {
  readonly format: ImageFormat;
  /** Size in the file after EXIF orientation, in px; larger than `width`, `height` where it was reduced. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  /** True where the decoder complained about the file and could read it all the same (bilevel TIFF only). */
  readonly damaged: boolean;
}

/** Ink on paper: [height, width] uint8, row-major, 0 = paper, 255 = full ink (the network sees data / 255). */
export interface InkImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
