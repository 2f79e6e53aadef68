import { z } from 'zod';

/**
 * Everything that determines the pixels the network sees. The object is stored in the model file: what trained is what
 * verifies. Limits on bytes and pixels (`DecodeLimits`) protect a machine, change no pixel, and are not part of it.
 */
export const preprocessOptionsSchema = z.strictObject({
  canvas: z
    .strictObject({
      height: z.int().min(16).max(2048).default(128).describe('of the canvas the network sees, in px'),
      width: z.int().min(16).max(2048).default(224).describe('of the canvas the network sees, in px'),
    })
    .prefault({}),
  ink: z
    .enum(['grey', 'bilevel'])
    .default('grey')
    .describe('grey keeps the pattern of pressure within the stroke; bilevel makes ink all or nothing before the fit'),
  strokes: z
    .enum(['as-written', 'equalised'])
    .default('as-written')
    .describe(
      'equalised thins the ink to a line and draws it again with one pen: the shape without the width of strokes',
    ),
  marginPx: z.int().min(0).max(64).default(4).describe('paper kept free on every side of the canvas, in canvas px'),
  maxEnlargement: z
    .number()
    .min(1)
    .max(16)
    .default(2)
    .describe('largest factor by which a tiny signature is enlarged; the rest of the canvas stays paper'),
  workingSidePx: z
    .int()
    .min(256)
    .max(8192)
    .default(1280)
    .describe('a picture with a longer side than this, in px, is first reduced to it'),
  /** How paper is told from ink. */
  background: z
    .strictObject({
      cellsAcross: z
        .number()
        .min(1)
        .max(1000)
        .default(160)
        .describe('paper is estimated on a grid of square cells, this many along the longer side'),
      minCellPx: z
        .number()
        .min(2)
        .max(256)
        .default(6)
        .describe('smallest side of a cell, in px of the reduced picture'),
      bridgeCells: z
        .int()
        .min(1)
        .max(20)
        .default(4)
        .describe('strokes up to twice this many cells wide are bridged; a wider dark patch is a shadow'),
      deepestShadow: z
        .number()
        .min(0)
        .max(1)
        .default(0.35)
        .describe(
          'paper darker than this share of the brightest paper is no shadow: it is ink, or what lies beside it',
        ),
      noiseSigmas: z
        .number()
        .min(1)
        .max(20)
        .default(5)
        .describe("ink is darker than the local paper by at least this many standard deviations of the paper's noise"),
      minContrast: z
        .number()
        .min(0.01)
        .max(0.9)
        .default(0.05)
        .describe("ink is darker than the local paper by at least this share of the paper's brightness"),
    })
    .prefault({}),
  speckStrokeSquares: z
    .number()
    .min(0)
    .max(10)
    .default(0.5)
    .describe('a separate piece of ink smaller than this many squares of the stroke width is a speck of dirt'),
});

/** Resolved preprocessing options, every default filled in. */
export type PreprocessOptions = z.output<typeof preprocessOptionsSchema>;

/** What a caller may leave out is optional here. */
export type PreprocessOptionsInput = z.input<typeof preprocessOptionsSchema>;

/** Whether two say the same of every image. */
export const prepareAlike = (a: PreprocessOptions, b: PreprocessOptions): boolean =>
  JSON.stringify(a) === JSON.stringify(b); // keys lie as the schema has them
