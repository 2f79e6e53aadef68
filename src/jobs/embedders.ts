/** The networks that a worker has open: its own, and others that a job names. */
import { CountersignError } from '../core/errors.js';
import { type ModelEmbedder, openEmbedder } from '../runtime/model-embedder.js';
import { modelFileOf } from '../verify/package-models.js';

export interface Embedders {
  /** Of each. */
  readonly threads: number;
  /**
   * Opened when it is first asked for.
   *
   * @param model - a name of the package's models, or a file; without it the worker's own
   * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID
   */
  get(model?: string): Promise<ModelEmbedder>;
  close(): Promise<void>;
}

export function createEmbedders(modelFile: string, threads: number): Embedders {
  const opened = new Map<string, Promise<ModelEmbedder>>();
  let closed = false;
  return {
    threads,
    async get(model) {
      if (closed) throw new CountersignError('CLOSING', 'The worker is ending.');
      const file = model === undefined ? modelFile : modelFileOf(model);
      const embedder = opened.get(file) ?? openEmbedder(file, { workers: threads });
      opened.set(file, embedder);
      return embedder.catch((error) => {
        opened.delete(file); // it may be there another time
        throw error;
      });
    },
    async close() {
      closed = true;
      for (const embedder of opened.values()) await (await embedder.catch(() => undefined))?.close();
    },
  };
}
