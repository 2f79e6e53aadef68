/**
 * What makes one person's hand different from another's: drawn once a writer. Nothing here concerns pen or paper.
 */
import type { Rng } from '../../core/rng.js';
import type { LetterHabits } from './letters.js';
import type { MotorHabits } from './motor.js';

/** How a signature is built. */
export type Composition = 'fullName' | 'initialsAndName' | 'nameTrailingOff' | 'monogram' | 'scribble' | 'headline';

/** What the name dissolves into where it is not written out. */
export type Tail = 'garland' | 'arcade' | 'zigzag' | 'loops' | 'wave' | 'slashes';

export type Flourish = 'none' | 'underline' | 'returnUnderline' | 'encircle' | 'strike' | 'exitStroke' | 'spiral';

export interface ScriptStyle {
  readonly composition: Composition;
  readonly tail: Tail;
  readonly flourish: Flourish;
  /** Height of the tail's movements, x-heights. */
  readonly tailHeight: number;
  readonly letters: LetterHabits;
  readonly motor: MotorHabits;
  /** Height of capitals relative to the school's. */
  readonly capitalScale: number;
  /** Gap after a letter, in x-heights; negative where letters are squeezed. */
  readonly spacing: number;
  /** Gap between words, in x-heights. */
  readonly wordGap: number;
  /** Probability of lifting the pen between two letters. */
  readonly detachment: number;
  /** Probability that an inner target of a letter is skipped: 0 legible, 0.35 hardly. */
  readonly haste: number;
  /** Part of the height that is left at the end of a word. */
  readonly fading: number;
  /** Rise of the baseline in x-heights per x-height, and its curvature. */
  readonly baselineSlope: number;
  readonly baselineArch: number;
  /** Shear to the right, radians. */
  readonly slant: number;
  /** Height of a small letter, millimetres. */
  readonly xHeightMm: number;
  /** Factor on all widths. */
  readonly aspect: number;
  /** How much genuine signatures differ among themselves; 1 is ordinary. */
  readonly variability: number;
  /** Tremor of the hand, millimetres: an old or ill writer's genuine signature may tremble too. */
  readonly tremorMm: number;
  /** Part of the width that pressing on downstrokes adds. */
  readonly downstrokePressure: number;
  /** Seconds over which pressure builds up and fades at the ends of a component. */
  readonly attackSeconds: number;
  readonly releaseSeconds: number;
}

// How often each occurs is how often it is listed.
const COMPOSITIONS: readonly Composition[] = [
  'fullName',
  'fullName',
  'fullName',
  'initialsAndName',
  'initialsAndName',
  'nameTrailingOff',
  'nameTrailingOff',
  'nameTrailingOff',
  'monogram',
  'monogram',
  'scribble',
  'scribble',
  'scribble',
  'headline',
  'headline',
  'headline',
  'headline',
];
const TAILS: readonly Tail[] = ['garland', 'arcade', 'zigzag', 'loops', 'wave', 'slashes'];
const FLOURISHES: readonly Flourish[] = [
  'none',
  'none',
  'none',
  'underline',
  'returnUnderline',
  'returnUnderline',
  'encircle',
  'strike',
  'exitStroke',
  'exitStroke',
  'spiral',
];

/** Who writes the whole name often leaves it at that: the share that never has a flourish. */
const PLAIN_SHARE: Partial<Readonly<Record<Composition, number>>> = { headline: 0.85, fullName: 0.5 };

/** Writes everything about a hand down; the order of the draws is part of a writer's identity. */
export function drawStyle(rng: Rng): ScriptStyle {
  const draw = (label: string, low: number, high: number) => rng.fork(label).uniform(low, high);
  const bell = (label: string, mean: number, sd: number) =>
    mean + sd * Math.max(-2.2, Math.min(2.2, rng.fork(label).normal()));
  const legible = draw('legible', 0, 1);
  const composition = rng.fork('composition').pick(COMPOSITIONS);
  const isPlain = rng.fork('plain').chance(PLAIN_SHARE[composition] ?? 0);
  return {
    composition,
    tail: rng.fork('tail').pick(TAILS),
    flourish: isPlain ? 'none' : rng.fork('flourish').pick(FLOURISHES),
    tailHeight: Math.max(0.9, draw('tailHeight', 0.4, 2.4)),
    letters: {
      roundness: draw('roundness', 0.55, 1.25),
      ascender: draw('ascender', 0.7, 1.9),
      descender: draw('descender', 0.6, 2),
      width: draw('letterWidth', 0.55, 1.5),
      individuality: draw('individuality', 0.04, 0.14),
    },
    motor: {
      strokeSeconds: draw('strokeSeconds', 0.15, 0.24),
      pace: draw('pace', 0.34, 0.6),
      sigma: draw('sigma', 0.14, 0.3),
      timingNoise: 0,
      hesitation: 0,
    },
    capitalScale: draw('capitalScale', 0.85, 2.4),
    spacing: draw('spacing', -0.15, 0.3),
    wordGap: draw('wordGap', 0.4, 1.8),
    detachment: Math.max(0, draw('detachment', -0.3, 0.35)),
    haste: legible > 0.45 ? 0 : (0.45 - legible) * 0.8,
    fading: draw('fading', 0.35, 1.05),
    baselineSlope: bell('baselineSlope', 0.06, 0.1),
    baselineArch: bell('baselineArch', 0, 0.004),
    slant: composition === 'headline' ? bell('slant', 0.08, 0.16) : bell('slant', 0.28, 0.27),
    xHeightMm: draw('xHeight', 2, 4.4),
    aspect: draw('aspect', 0.8, 1.25),
    variability: draw('variability', 0.6, 1.5),
    tremorMm: Math.max(0, draw('tremor', -0.12, 0.05)),
    downstrokePressure: draw('downstroke', 0, 0.45),
    attackSeconds: draw('attack', 0.01, 0.06),
    releaseSeconds: draw('release', 0.01, 0.1),
  };
}

/**
 * The text, the movement and the frame of one hand, with the sizes, joins and gaps of another in part.
 *
 * @param share - of the other, 0 to 1
 * @param stranger - the stream that the other's forms of letters are drawn from; without it they are the first's
 */
export function mixStyles(style: ScriptStyle, other: ScriptStyle, share: number, stranger?: Rng): ScriptStyle {
  const mix = (a: number, b: number) => a + share * (b - a);
  const { letters } = style;
  return {
    ...style,
    tailHeight: mix(style.tailHeight, other.tailHeight),
    letters: {
      roundness: mix(letters.roundness, other.letters.roundness),
      ascender: mix(letters.ascender, other.letters.ascender),
      descender: mix(letters.descender, other.letters.descender),
      width: mix(letters.width, other.letters.width),
      individuality: mix(letters.individuality, other.letters.individuality),
      ...(stranger && { stranger: { rng: stranger, share } }),
    },
    capitalScale: mix(style.capitalScale, other.capitalScale),
    spacing: mix(style.spacing, other.spacing),
    wordGap: mix(style.wordGap, other.wordGap),
    detachment: mix(style.detachment, other.detachment),
    haste: mix(style.haste, other.haste),
    fading: mix(style.fading, other.fading),
    baselineSlope: mix(style.baselineSlope, other.baselineSlope),
    baselineArch: mix(style.baselineArch, other.baselineArch),
  };
}
