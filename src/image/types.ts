/** A decoded picture: [height, width] uint8, row-major, 0 = black, 255 = white. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Ink on paper: [height, width] uint8, row-major, 0 = paper, 255 = full ink (the network sees data / 255). */
export interface InkImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
