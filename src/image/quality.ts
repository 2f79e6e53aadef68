import { CountersignError } from '../core/errors.js';
import type { ExtractedInk, InkBox } from './ink.js';
import type { DecodedImage } from './types.js';

/** What a verdict can say about the picture it was made from. */
export interface ImageQuality {
  /** Size in the file, after EXIF orientation. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Size of the smallest box around the ink, in px of the file. */
  readonly inkWidthPx: number;
  readonly inkHeightPx: number;
  /** Share of the picture's pixels that are ink, 0 to 1. */
  readonly inkShare: number;
  /** Mean width of the strokes in px of the file. */
  readonly strokeWidthPx: number;
  /** How much darker than the paper the full stroke is, 0 to 1. */
  readonly contrast: number;
  /** True where the picture was light ink on dark paper. */
  readonly inverted: boolean;
  /** What may make a decision less sure, one sentence each; empty where all is well. */
  readonly warnings: readonly string[];
}

const MIN_INK_PX = 24;
const MIN_INK_SIDE_PX = 12;
const DARK_PAGE_GREY = 64;
const SOLID_INK_SHARE = 0.5;
/** Strokes wider than this share of the ink's longer side are a block, not a pen's. */
const SOLID_STROKE_SHARE = 0.25;

/**
 * Refuses a picture that cannot be of a signature.
 *
 * @returns the box around the ink
 * @throws CountersignError IMAGE_BLANK, IMAGE_SOLID, IMAGE_SPECK
 */
export function requireSignature(ink: ExtractedInk): InkBox {
  const size = `${ink.width} x ${ink.height} px`;
  if (ink.box === undefined && ink.removedPx === 0) {
    if (ink.inverted || ink.paperGrey < DARK_PAGE_GREY) {
      throw new CountersignError('IMAGE_SOLID', `Expected strokes on paper, but all of the ${size} are dark.`);
    }
    throw new CountersignError('IMAGE_BLANK', `Expected a signature, but no ink was found in ${size}.`);
  }
  if (ink.box === undefined) {
    throw new CountersignError(
      'IMAGE_SPECK',
      `Expected a signature, but only specks of ${ink.removedPx} px were found.`,
    );
  }
  const width = ink.box.right - ink.box.left;
  const height = ink.box.bottom - ink.box.top;
  if (ink.inkPx < MIN_INK_PX || Math.max(width, height) < MIN_INK_SIDE_PX) {
    throw new CountersignError(
      'IMAGE_SPECK',
      `Expected a signature of at least ${MIN_INK_SIDE_PX} px and ${MIN_INK_PX} px of ink, but the ink is ${width} x ${height} px with ${ink.inkPx} px.`,
    );
  }
  const inkShare = ink.inkPx / (ink.width * ink.height);
  if (inkShare > SOLID_INK_SHARE || ink.strokeWidthPx > SOLID_STROKE_SHARE * Math.max(width, height)) {
    const percent = Math.round(100 * inkShare);
    throw new CountersignError(
      'IMAGE_SOLID',
      `Expected strokes on paper, but the ink is a solid block: ${width} x ${height} px, ${percent} % of the picture.`,
    );
  }
  return ink.box;
}

/** Measures the picture. Numbers are in px of the file, whatever it was reduced to. */
export function measureQuality(image: DecodedImage, ink: ExtractedInk, box: InkBox): ImageQuality {
  const workingToFile = image.sourceWidth / ink.width;
  const quality = {
    widthPx: image.sourceWidth,
    heightPx: image.sourceHeight,
    inkWidthPx: Math.round((box.right - box.left) * workingToFile),
    inkHeightPx: Math.round((box.bottom - box.top) * workingToFile),
    inkShare: ink.inkPx / (ink.width * ink.height),
    strokeWidthPx: ink.strokeWidthPx * workingToFile,
    contrast: ink.contrast,
    inverted: ink.inverted,
  };
  const touches = box.left === 0 || box.top === 0 || box.right === ink.width || box.bottom === ink.height;
  const warnings: string[] = [];
  if (quality.inkWidthPx < 100) {
    warnings.push(`The signature is only ${quality.inkWidthPx} px wide; scan at 300 dpi or more.`);
  }
  if (quality.strokeWidthPx < 1.5) warnings.push('The strokes are thinner than 1.5 px; scan at a higher resolution.');
  if (quality.contrast < 0.25) warnings.push('The ink is faint; use a darker pen or scan with more contrast.');
  if (touches) warnings.push('Ink touches the edge of the picture; strokes may be cut off.');
  if (quality.inkShare > 0.25) warnings.push('Ink covers more than a quarter of the picture; is this a signature?');
  if (image.damaged) warnings.push('The file does not follow its format; some rows may be wrong.');
  return { ...quality, warnings };
}
