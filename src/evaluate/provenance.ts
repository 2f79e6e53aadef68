import type { ModelMetadata } from '../nn/model-metadata.js';
import { VERSION } from '../version.js';

/** Who asks for an evaluation: what only a program's outermost part knows. */
export interface Occasion {
  /** The command line that repeats it. */
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly date: string;
}

/** From what, by what and when a report was made. */
export interface Provenance {
  /** Null where a program called the library. */
  readonly command: string | null;
  readonly date: string | null;
  /** Of Countersign. */
  readonly version: string;
  /** Of random forgeries, reference draws and the bootstrap. */
  readonly seed: number;
  /** Of the tested samples, see `hashSamples`; of the file of scores, its SHA-256. */
  readonly dataHash: string;
  /** What the model file says its weights learnt from; null for scores of another system. */
  readonly model: Pick<ModelMetadata, 'training' | 'quantization'> | null;
}

export function provenanceOf(
  facts: Pick<Provenance, 'seed' | 'dataHash'>,
  model: ModelMetadata | null,
  occasion: Occasion | undefined,
): Provenance {
  return {
    command: occasion?.command ?? null,
    date: occasion?.date ?? null,
    version: VERSION,
    ...facts,
    model: model && {
      training: model.training,
      ...(model.quantization !== undefined && { quantization: model.quantization }),
    },
  };
}
