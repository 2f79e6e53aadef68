/** Names to sign with: pronounceable, made of syllables, nobody's. */
import type { Rng } from '../../core/rng.js';
import { CAPITALS } from './glyphs.js';

const ONSETS = [
  'b',
  'c',
  'd',
  'f',
  'g',
  'h',
  'j',
  'k',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'v',
  'w',
  'z',
  'ch',
  'st',
  'br',
  'th',
  'kl',
];
const NUCLEI = ['a', 'e', 'i', 'o', 'u', 'a', 'e', 'o', 'ie', 'ee', 'ou', 'y'];
const CODAS = ['', '', '', 'n', 'r', 's', 'l', 'm', 't', 'll', 'nd', 'ck', 'rt'];

/** @returns a capital and 2 to about 8 small letters, in one string */
export function drawName(rng: Rng, syllables: number): string {
  let tail = rng.pick(NUCLEI) + rng.pick(CODAS);
  for (let i = 1; i < syllables; i++) tail += rng.pick(ONSETS) + rng.pick(NUCLEI) + rng.pick(CODAS);
  return drawInitial(rng) + tail;
}

export function drawInitial(rng: Rng): string {
  return rng.pick(Object.keys(CAPITALS));
}
