/**
 * Letters in the manner of Devanagari: they hang from a headline at y = 100 that is drawn when the word is done. Drawn
 * from scratch, in the notation of `glyphs.ts`; every component is written with the pen set down anew.
 */
export const HANGING_LETTERS: Readonly<Record<string, string>> = {
  ka: '46 103 0, 46 0 0 / 44 52 0, 16 68 90, 4 42 90, 44 40 110, 80 66 -60, 92 38 -90, 78 18 -60',
  ga: '14 100 0, 16 40 0, 0 28 -110 / 62 103 0, 62 0 0',
  ja: '6 44 0, 26 22 120, 40 56 60, 70 56 0 / 74 103 0, 74 0 0',
  ta: '68 60 0, 26 62 50, 12 24 80, 34 0 60 / 72 103 0, 72 0 0',
  da: '52 100 0, 50 80 0, 16 62 70, 12 28 60, 46 22 90, 42 48 130, 44 10 60, 66 -18 30',
  na: '16 58 0, 4 44 110, 18 40 110, 68 46 -10 / 72 103 0, 72 0 0',
  pa: '12 100 0, 14 48 0, 42 32 80, 70 48 40 / 72 103 0, 72 0 0',
  ma: '12 100 0, 14 36 0, 2 26 -150, 72 38 -10 / 74 103 0, 74 0 0',
  ya: '12 96 0, 36 80 -80, 20 56 -60, 44 32 90, 72 48 50 / 74 103 0, 74 0 0',
  ra: '28 100 0, 54 74 -90, 24 54 -60, 34 48 80, 66 2 -10',
  la: '2 44 0, 24 68 -90, 40 42 -60, 58 70 100, 76 56 -40 / 80 103 0, 80 0 0',
  va: '70 64 0, 32 72 70, 8 42 80, 36 20 90, 70 50 60 / 72 103 0, 72 0 0',
  sa: '24 100 0, 48 74 -90, 20 54 -60, 30 48 80, 58 6 -10 / 34 50 0, 86 50 0 / 88 103 0, 88 0 0',
  ha: '40 100 0, 40 78 0, 14 62 60, 44 48 -90, 20 22 -60, 44 -6 90, 60 -20 -30',
  // vowel signs
  aa: '18 103 0, 18 0 0',
  ii: '18 103 0, 18 0 0 / 18 104 0, 4 140 -60, -34 128 60',
  ee: '-20 104 0, -50 152 20',
  uu: '-34 0 0, -50 -32 60, -20 -36 90, 0 -60 -30',
};

export const VOWEL_SIGNS = ['aa', 'ii', 'ee', 'uu'] as const;
export const CONSONANTS = Object.keys(HANGING_LETTERS).filter((name) => !VOWEL_SIGNS.some((sign) => sign === name));
