/** What tests of bulk work have in common. */
import { CountersignError } from '../../src/core/errors.js';
import type { Embedders } from '../../src/jobs/embedders.js';
import type { Jobs } from '../../src/jobs/jobs.js';
import type { ModelEmbedder } from '../../src/runtime/model-embedder.js';
import type { NewBulkItem } from '../../src/store/bulk-items.js';
import type { BulkJob } from '../../src/store/bulk-progress.js';
import type { BulkResult } from '../../src/store/bulk-results.js';

export const clock = () => new Date();
export const by = () => ({ at: clock(), actor: 'archive' });

export function itemOf(
  externalRef: string,
  image: Uint8Array | CountersignError,
  more: Partial<NewBulkItem> = {},
): NewBulkItem {
  return { externalRef, image, ...more };
}

/** Only what the test has opened; other models are not there. */
export function embeddersOf(own: ModelEmbedder, others: Readonly<Record<string, ModelEmbedder>> = {}): Embedders {
  return {
    threads: 1,
    async get(model) {
      const embedder = model === undefined ? own : others[model];
      if (embedder === undefined) throw new CountersignError('MODEL_NOT_FOUND', `There is no ${model}.`);
      return embedder;
    },
    close: async () => undefined,
  };
}

export async function until(jobs: Jobs, id: string, ...states: readonly BulkJob['state'][]): Promise<BulkJob> {
  while (true) {
    const job = await jobs.get(id, clock());
    if (states.includes(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function resultsOf(jobs: Jobs, id: string): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  for await (const result of jobs.results({ id })) results.push(result);
  return results;
}
