import type { TrainConfig } from './config.js';

/**
 * The configuration as validation and the model file have it: the canvas `inferenceScale` times as large. A network
 * that is asked about larger images than it learnt from sees more of the line, and its features stay what they are
 * (Touvron et al. 2019, "Fixing the train-test resolution discrepancy").
 */
export function atInference(config: TrainConfig): TrainConfig {
  const { inferenceScale, preprocess } = config;
  if (inferenceScale === 1) return config;
  const { height, width } = preprocess.canvas;
  const canvas = { height: Math.round(height * inferenceScale), width: Math.round(width * inferenceScale) };
  return { ...config, preprocess: { ...preprocess, canvas } };
}
