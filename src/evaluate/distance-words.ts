import type { DistanceName } from '../nn/adapter.js';

export const DISTANCE_WORDS: Readonly<Record<DistanceName, string>> = {
  euclidean: 'Euclidean',
  'squared-euclidean': 'squared Euclidean',
  manhattan: 'Manhattan',
  cosine: 'cosine',
};
