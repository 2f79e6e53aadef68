/** What a run takes over where nothing else is said, so that weights meet the network and the images they know. */
import type { z } from 'zod';
import { loadCheckpoint } from './checkpoint.js';
import type { trainConfigSchema } from './config.js';
import { readStart } from './initial-weights.js';
import { checkpointIn } from './run-folder.js';

/**
 * Of a run that goes on, its whole configuration; of a model, its architecture and the preparation of its images;
 * of imported weights nothing.
 *
 * @param start - as in TrainingRunOptions
 * @throws CountersignError CHECKPOINT_INVALID, MODEL_NOT_FOUND, MODEL_INVALID, WEIGHTS_INVALID
 * @example
 * trainConfigSchema.parse({ ...(await inheritedConfig({ init: 'model.onnx', out: 'runs/mine' })), steps: 200 })
 */
export async function inheritedConfig(start: {
  readonly init: string;
  readonly out: string;
  readonly resume?: boolean | undefined;
}): Promise<z.input<typeof trainConfigSchema>> {
  if (start.resume) return (await loadCheckpoint(checkpointIn(start.out))).config;
  const { metadata } = await readStart(start.init);
  return metadata === undefined ? {} : { architecture: metadata.architecture, preprocess: metadata.preprocess };
}
