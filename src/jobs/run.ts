/** A job that is one piece of work: re-embedding, evaluation. */

import { evaluateParameters, reembedParameters } from '../api/schemas/job-parameters.js';
import { CountersignError } from '../core/errors.js';
import { reembed } from '../enrol/reembed.js';
import { type BulkJobRow, beginBulkJob, finishRun, noteProgress, type RunOutcome } from '../store/bulk-jobs.js';
import { unkeptPolicies } from '../store/policies.js';
import type { Store } from '../store/store.js';
import type { Embedders } from './embedders.js';
import { evaluateFolder } from './evaluate-folder.js';
import type { Delivery } from './queue.js';
import { isTrouble } from './refusal.js';

export interface RunContext {
  readonly store: Store;
  readonly clock: () => Date;
  readonly embedders: Embedders;
  /** Data sets of evaluations lie below it; without it there are none. */
  readonly dataRoot: string | undefined;
  /** Aborted when the worker is to end: the run is left to another. */
  readonly closing: AbortSignal;
}

/** Puts down how far it is. @throws RunEnded */
export type OnProgress = (done: number, total: number) => void;

/** The job was cancelled, or the worker is to end: nothing more is to be done here. */
class RunEnded extends Error {}

export function createRunHandler({
  store,
  clock,
  embedders,
  dataRoot,
  closing,
}: RunContext): (delivery: Delivery) => Promise<void> {
  const { database, keys } = store;

  const run = async (job: BulkJobRow, onProgress: OnProgress): Promise<RunOutcome> => {
    if (job.kind === 'evaluate') {
      const parameters = evaluateParameters.parse(job.parameters);
      const embedder = await embedders.get(parameters.model);
      return evaluateFolder(embedder, parameters, { dataRoot, onProgress, date: clock().toISOString() });
    }
    const { model, keep } = reembedParameters.parse(job.parameters);
    const embedder = await embedders.get(model);
    const { references, refused } = await reembed(store, embedder, { actor: job.actor, clock, keep, onProgress });
    return {
      results: { references, refused: refused.length },
      unkeptPolicies: await unkeptPolicies(database.orm, embedder.metadata, clock()),
    };
  };

  return async ({ job: id, signal }) => {
    const job = await beginBulkJob(database.orm, id, clock());
    if (job === undefined) return; // done, cancelled, or gone
    const end = (outcome: RunOutcome | CountersignError) =>
      database.transaction((tx) => finishRun(tx, keys, id, outcome, clock()));
    const follow = followed(store, id, AbortSignal.any([signal, closing]));
    try {
      await end(await run(job, follow.onProgress));
    } catch (error) {
      await follow.settled();
      if (follow.cancelled()) return;
      if (!(error instanceof CountersignError) || isTrouble(error)) throw error;
      await end(error);
    }
  };
}

/** Gives up a run that came to no end, however often it was begun. */
export async function giveUpRun({ database, keys }: Store, id: string, clock: () => Date): Promise<void> {
  const died = new CountersignError('WORKER_FAILED', 'It came to no end, time and again: see the logs of the workers.');
  await database.transaction((tx) => finishRun(tx, keys, id, died, clock()));
}

/** Writes progress down now and then, and learns thereby whether the job was cancelled. */
function followed({ database: { orm } }: Store, id: string, signal: AbortSignal) {
  let cancelled = false;
  let writing: Promise<void> | undefined;
  const write = async (done: number, total: number) => {
    const isRunning = await noteProgress(orm, id, done, total);
    if (!isRunning) cancelled = true;
  };
  return {
    onProgress(done: number, total: number) {
      if (cancelled || signal.aborted) throw new RunEnded();
      writing ??= write(done, total)
        .catch(() => undefined) // the next one may go well
        .finally(() => {
          writing = undefined;
        });
    },
    settled: async () => writing,
    cancelled: () => cancelled,
  };
}
