import { CountersignError } from '../core/errors.js';

/** A list of test writers. All other writers of the set may be used for training, checkpoint choice and calibration. */
export interface WriterList {
  /** What `--protocol` takes: `bhsig260-hindi/published`. */
  readonly name: string;
  /** Name of the data set that the numbers belong to. */
  readonly dataset: string;
  readonly testWriters: readonly number[];
  readonly source: string;
  /** How many pairs the test writers give, as published; skilled forgeries. */
  readonly pairs?: { readonly genuineGenuine: number; readonly genuineForged: number };
  /** Pairs drawn per writer where the source does not take all. */
  readonly samplePerWriter?: { readonly genuine: number; readonly forged: number };
}

/**
 * @param name - one of WRITER_LISTS
 * @throws PROTOCOL_UNKNOWN listing the names there are
 */
export function findWriterList(name: string): WriterList {
  const list = WRITER_LISTS.find((candidate) => candidate.name === name);
  if (list !== undefined) return list;
  const known = WRITER_LISTS.map((candidate) => candidate.name);
  const message = `Expected a protocol of ${known.join(', ')}; ${name} came.`;
  throw new CountersignError('PROTOCOL_UNKNOWN', message, { details: { name, known } });
}

export const WRITER_LISTS: readonly WriterList[] = [
  {
    name: 'bhsig260-hindi/published',
    dataset: 'bhsig260-hindi',
    testWriters: [
      1, 2, 4, 5, 7, 11, 13, 14, 18, 19, 22, 24, 26, 27, 29, 37, 40, 41, 45, 49, 51, 55, 56, 62, 63, 65, 67, 72, 77, 79,
      80, 81, 83, 84, 87, 92, 94, 97, 99, 100, 101, 103, 106, 107, 110, 111, 112, 115, 116, 117, 118, 121, 124, 132,
      138, 140, 144, 148, 149, 150,
    ],
    source: 'DetailSemNet (ECCV 2024), test_H',
    pairs: { genuineGenuine: 16560, genuineForged: 43200 },
  },
  {
    name: 'bhsig260-bengali/published',
    dataset: 'bhsig260-bengali',
    testWriters: [
      1, 2, 6, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 30, 31, 32, 33, 36, 37, 39, 40, 41, 42,
      43, 44, 45, 46, 47, 48, 49, 51, 53, 57, 65, 66, 74, 75, 76, 83, 86, 89, 90, 96,
    ],
    source: 'DetailSemNet (ECCV 2024), test_B',
    pairs: { genuineGenuine: 13800, genuineForged: 36000 },
  },
  {
    name: 'cedar/published',
    dataset: 'cedar',
    testWriters: [11, 16, 40, 48, 51],
    source: 'DetailSemNet (ECCV 2024), test_E',
    pairs: { genuineGenuine: 1380, genuineForged: 2880 },
  },
  {
    name: 'bhsig260-hindi/first-n',
    dataset: 'bhsig260-hindi',
    testWriters: [
      101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123,
      124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146,
      147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160,
    ],
    source: 'att-OfSVNet',
  },
  {
    name: 'bhsig260-bengali/first-n',
    dataset: 'bhsig260-bengali',
    testWriters: [
      51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78,
      79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100,
    ],
    source: 'att-OfSVNet',
  },
  {
    name: 'cedar/first-n',
    dataset: 'cedar',
    testWriters: [51, 52, 53, 54, 55],
    source: 'att-OfSVNet',
  },
  {
    name: 'bhsig260-hindi/seed-twin',
    dataset: 'bhsig260-hindi',
    testWriters: [
      129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151,
      152, 153, 154, 155, 156, 157, 158, 159, 160,
    ],
    source:
      "the notebook behind 'Siamese Network for Signature Classification': 276 genuine-genuine and 288 random genuine-forged pairs a writer",
    samplePerWriter: { genuine: 276, forged: 288 },
  },
  {
    name: 'sigcomp2009/half',
    dataset: 'sigcomp2009',
    testWriters: [107, 108, 109, 110, 111, 112, 2, 16, 24, 35, 46, 70, 77, 85, 89, 93],
    source:
      'ours: NISDCC folders 107-112 and every second NFI writer with forgeries; the NFI writers without forgeries may be used for training',
  },
];
