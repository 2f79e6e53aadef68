/** Options that are right one by one and wrong together. */
import { CountersignError } from '../core/errors.js';
import { LEAST_DIFFERENCE } from '../image/imitation.js';
import { LARGEST_DIMENSION } from '../nn/architecture.js';
import { dimensionOf } from '../nn/model-metadata.js';
import type { TrainConfig } from './config.js';
import { turnsEmbeddings } from './end-weights.js';

/** @throws CountersignError INVALID_ARGUMENT */
export function refuseContradictions(config: TrainConfig): void {
  const {
    imitated,
    augment,
    careful,
    architecture,
    featureShare,
    mergedSize,
    mapsTogether,
    radiusShare,
    steps,
    startShare,
    distillation,
  } = config;
  if (imitated > 0 && augment.handWarp === 0) {
    refuse('--imitated wants --augment-hand-warp above 0: images that are not warped would be sharper than imitations');
  }
  const { rotationDegrees, shear, aspect } = LEAST_DIFFERENCE;
  if (imitated > 0 && (augment.rotationDegrees > rotationDegrees || augment.shear > shear || augment.aspect > aspect)) {
    refuse(
      `--imitated wants images by themselves to be changed less than imitations are: --augment-rotation-degrees at most ${rotationDegrees}, --augment-shear at most ${shear}, --augment-aspect at most ${aspect.toFixed(2)}`,
    );
  }
  if (turnsEmbeddings(config) && architecture.radius && radiusShare === 0) {
    refuse(
      '--whitening-share and --feature-share turn the embeddings that the radius of the model is read off: --radius-share fits another, --architecture-radius false leaves it out',
    );
  }
  if (steps === 0 && (startShare > 0 || distillation > 0)) {
    refuse('--start-share and --distillation want steps of training: of none, start and end are the same');
  }
  if (mergedSize === 1) refuse('--merged-size wants 2 numbers at least, or 0 for as many as in training');
  if (mergedSize > 0 && featureShare === 0) refuse('--merged-size wants a --feature-share');
  if (mapsTogether && featureShare === 0) refuse('--maps-together wants a --feature-share');
  const embeddingSize = mergedSize || architecture.embeddingSize;
  if (careful && dimensionOf({ architecture: { ...architecture, embeddingSize }, views: 2 }) > LARGEST_DIMENSION) {
    const flag = mergedSize > 0 ? '--merged-size' : '--architecture-embedding-size';
    refuse(
      `--careful makes embeddings of twice the numbers, ${LARGEST_DIMENSION} at most: ${flag} ${LARGEST_DIMENSION / 2} at most`,
    );
  }
}

function refuse(what: string): never {
  throw new CountersignError('INVALID_ARGUMENT', `${what}.`);
}
