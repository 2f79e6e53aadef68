import { z } from 'zod';

/**
 * Everything that determines the pixels the network sees. The object is stored in the model file: what trained is what
 * verifies. Limits on bytes and pixels (`DecodeLimits`) protect a machine, change no pixel, and are not part of it.
 */
export const preprocessOptionsSchema = z.strictObject({
  /** Size of the canvas the network sees, in px. */
  canvas: z
    .strictObject({
      height: z.int().min(16).max(2048).default(128),
      width: z.int().min(16).max(2048).default(224),
    })
    .prefault({}),
  /** 'grey' keeps the pattern of pressure within the stroke; 'bilevel' makes ink 0 or 255 before the fit. */
  ink: z.enum(['grey', 'bilevel']).default('grey'),
  /** Paper kept free on every side of the canvas, in canvas px. */
  marginPx: z.int().min(0).max(64).default(4),
  /** A tiny image is enlarged by no more than this factor; the rest of the canvas stays paper. */
  maxEnlargement: z.number().min(1).max(16).default(2),
  /** A larger image (a photo) is first reduced so that its longer side has this many px. */
  workingSidePx: z.int().min(256).max(8192).default(1280),
  /** How paper is told from ink. */
  background: z
    .strictObject({
      /** Paper is estimated on a grid of square cells, this many along the longer side ... */
      cellsAcross: z.number().min(1).max(1000).default(160),
      /** ... but none smaller than this, in px of the working image. */
      minCellPx: z.number().min(2).max(256).default(6),
      /** Strokes up to twice this many cells wide are bridged; a wider dark patch is a shadow. */
      bridgeCells: z.int().min(1).max(20).default(4),
      /** Paper darker than this share of the brightest paper is no shadow: it is ink (or a table beside the paper). */
      deepestShadow: z.number().min(0).max(1).default(0.35),
      /** Ink is darker than the local paper by at least this many standard deviations of the paper's noise ... */
      noiseSigmas: z.number().min(1).max(20).default(5),
      /** ... and by at least this share of the local paper's brightness. */
      minContrast: z.number().min(0.01).max(0.9).default(0.05),
    })
    .prefault({}),
  /** A separate piece of ink smaller than this many squares of the stroke width is a speck of dirt. */
  speckStrokeSquares: z.number().min(0).max(10).default(0.5),
});

/** Resolved preprocessing options, every default filled in. */
export type PreprocessOptions = z.output<typeof preprocessOptionsSchema>;

/** What a caller may leave out is optional here. */
export type PreprocessOptionsInput = z.input<typeof preprocessOptionsSchema>;

/** How much a file may ask of this machine. Checked before anything is decoded. */
export interface DecodeLimits {
  /** Largest file, in bytes. Default 32 MiB. */
  readonly maxBytes?: number;
  /** Largest width times height, in px. Default 64 million. */
  readonly maxPixels?: number;
}

export const DEFAULT_DECODE_LIMITS: Required<DecodeLimits> = { maxBytes: 32 * 1024 * 1024, maxPixels: 64_000_000 };
