/** Under which terms the published data sets are given out, as far as we know; by their names here. */
export const DATASET_TERMS: Readonly<Record<string, string>> = {
  'bhsig260-hindi': 'BHSig260, Hindi part (Pal et al. 2016): for research only',
  'bhsig260-bengali': 'BHSig260, Bengali part (Pal et al. 2016): for research only',
  cedar: 'CEDAR (Kalera, Srihari and Xu 2004): for research only',
  sigcomp2009: 'ICDAR 2009 signature verification competition (Blankers et al. 2009): on the terms of its organisers',
  'cross-media-chinese': 'signatures of Chinese names across media: MIT licence',
};
