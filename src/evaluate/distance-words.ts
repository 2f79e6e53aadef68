import type { DistanceName } from '../nn/adapter.js';
import type { EvaluationReport } from './report.js';

export const DISTANCE_WORDS: Readonly<Record<DistanceName, string>> = {
  euclidean: 'Euclidean',
  'squared-euclidean': 'squared Euclidean',
  manhattan: 'Manhattan',
  cosine: 'cosine',
};

/** `Euclidean distance 0.7312`; `score 51.2000` where scores were given. */
export function thresholdWords({ threshold, distance }: Pick<EvaluationReport, 'threshold' | 'distance'>): string {
  if (threshold.score !== undefined) return `score ${threshold.score.toFixed(4)}`;
  const words = distance === 'given' ? 'distance' : `${DISTANCE_WORDS[distance]} distance`;
  return `${words} ${threshold.value.toFixed(4)}`;
}
