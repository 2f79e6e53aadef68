/** An embedder without a network: a file says at which angle of the unit circle it lies, or that it is blank. */
import { CountersignError } from '../../src/core/errors.js';
import { pixelHash } from '../../src/data/pixel-hash.js';
import type { HashPixels } from '../../src/enrol/jobs/hash-pixels.js';
import type { ModelMetadata } from '../../src/nn/model-metadata.js';
import type { ModelEmbedder } from '../../src/runtime/model-embedder.js';
import { newReference } from './new-reference.js';

/** FAR 5 % accepts up to fused distance 0.25, FRR 5 % rejects above 0.75, with any number of references. */
export const CALIBRATED = calibrated('model-1');

export function calibrated(id: string, writers = 30): ModelMetadata {
  const evidence = {
    distances: [0, 0.25, 0.75, 1],
    questioned: { genuine: 3000, skilled: 3000, random: 3000 },
    writers: Array.from({ length: writers }, () => ({
      genuine: [0, 50, 95, 100],
      skilled: [0, 5, 50, 100],
      random: [0, 0, 50, 100],
    })),
  };
  const metadata: Partial<ModelMetadata> = {
    id,
    threshold: { value: 0.5, source: 'set by a test' },
    similarity: { slope: 8, intercept: -4 },
    calibration: {
      writers: [],
      fusion: 'energy',
      references: [1, 2, 3, 5].map((count) => ({ count, slope: 8, intercept: -4, evidence })),
      logLikelihoodRatio: { low: -2, high: 2 },
    },
  };
  return metadata as ModelMetadata;
}

let files = 0;

/** An image file, another one each time. */
export const signedAt = (degrees: number): Buffer => Buffer.from(`${degrees} degrees, file ${++files}`);
export const blank = (): Buffer => Buffer.from(`blank, file ${++files}`);

export function madeUpEmbedder(metadata: ModelMetadata): ModelEmbedder {
  const embedder: Partial<ModelEmbedder> = {
    metadata,
    modelId: metadata.id,
    dimension: 4,
    pool: {
      size: 1,
      call: (_: unknown, { image }: HashPixels) => pixelHash(image),
    } as unknown as ModelEmbedder['pool'],
    async embedFiles(sources) {
      return sources.map((source) => {
        const text = Buffer.from(source as Uint8Array).toString();
        if (text.startsWith('blank')) return { error: new CountersignError('IMAGE_BLANK', 'No ink was found.') };
        return newReference(Number.parseFloat(text));
      });
    },
  };
  return embedder as ModelEmbedder;
}
