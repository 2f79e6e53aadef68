/** The measures of a report, one line each. */
export const GLOSSARY: readonly (readonly [term: string, meaning: string])[] = [
  ['Genuine', 'a signature by the writer it is claimed to be of.'],
  [
    'Skilled forgery',
    'an imitation by somebody who practised it. Random forgery: the genuine signature of another person.',
  ],
  ['FAR', 'false acceptance rate: share of forged pairs with a distance up to the threshold.'],
  ['FRR', 'false rejection rate: share of genuine pairs with a distance above the threshold.'],
  [
    'EER',
    'equal error rate: where FAR and FRR would be equal, at a threshold found on the test itself. It compares systems; it cannot be reached in use.',
  ],
  ['AUC', 'chance that a genuine pair is closer than a forged one; 50 % is guessing.'],
  [
    'FRR at FAR 1 %',
    'false rejections that a threshold costs which accepts 1 % of the forgeries; given only where 30 errors of each kind stand behind it.',
  ],
  [
    '95 % interval',
    'bootstrap over writers: the pairs of one writer share signatures, so whole writers are drawn anew, 2,000 times.',
  ],
  ['DET, ROC', 'both error rates over all thresholds: DET on axes that stretch small rates, ROC on plain ones.'],
  ['Similarity', 'the distance as a chance of being genuine, were genuine and forged equally likely.'],
  [
    'Cllr',
    'cost of the similarity as evidence, in bits: 0 is perfect, 1 says nothing. Least Cllr: what the distances would allow.',
  ],
  ['ECE', 'mean gap between the chance that was said and the share that was genuine.'],
  ['Brier', 'mean square of the chance that was said minus what came; 0.25 for always saying one half.'],
  [
    'Probe',
    'a logistic regression on size, greys, amount, width and place of the ink, fitted on other writers: what a data set gives away without any shape.',
  ],
];
