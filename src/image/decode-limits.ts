/** How much a file may ask of this machine. Checked before anything is decoded. */
export interface DecodeLimits {
  /** Largest file, in bytes. Default 32 MiB. */
  readonly maxBytes?: number;
  /** Largest width times height, in px. Default 64 million. */
  readonly maxPixels?: number;
}

export const DEFAULT_DECODE_LIMITS: Required<DecodeLimits> = { maxBytes: 32 * 1024 * 1024, maxPixels: 64_000_000 };
