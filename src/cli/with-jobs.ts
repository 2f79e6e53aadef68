/** Bulk work of a store, for a command: asked about, or worked on in this process. */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { CountersignError } from '../core/errors.js';
import { createEmbedders } from '../jobs/embedders.js';
import { type Jobs, openJobs } from '../jobs/jobs.js';
import type { BulkJob } from '../store/bulk-progress.js';
import type { Store } from '../store/store.js';
import { modelOption } from './model-option.js';
import { parseCount } from './number-flag.js';
import { renderProgress } from './print-job.js';
import { type StoreFlags, withStore } from './store-flags.js';
import { ProgressLine, printNote } from './terminal.js';
import { untilToldToEnd } from './told-to-end.js';

const clock = () => new Date();
const LOOK_MS = 500;
/** That a chunk in hand has to come to its end. */
export const GRACE_MS = 60_000;

/** Opens the bulk work of the store, and closes it whatever comes of what is done. */
export function withJobs<T>(flags: StoreFlags, work: (jobs: Jobs, store: Store) => Promise<T>): Promise<T> {
  return withStore(flags, async (store) => {
    const jobs = await openJobs(store, { clock, onTrouble: () => undefined, supervise: false });
    try {
      return await work(jobs, store);
    } finally {
      await jobs.close();
    }
  });
}

export interface WorkFlags {
  readonly model: string;
  readonly threads: number;
  readonly dataRoot?: string;
}

/** Flags of commands that work on jobs. */
export function addWorkFlags(command: Command): Command {
  return command
    .addOption(modelOption('--model <model>', 'the active model'))
    .option('--threads <number>', 'threads of the network', parseCount('--threads'), availableParallelism())
    .option('--data-root <folder>', 'data sets of evaluations lie below it; without it there are none');
}

/** Whoever filled it was interrupted: nothing of it is worked on. */
function stillCollecting({ id, title }: BulkJob): CountersignError {
  const named = title === null ? id : `${id} (${title})`;
  const message = `Job ${named} was never started: its items were not all added. Cancel it by \`countersign jobs cancel ${id}\`, and create it anew.`;
  return new CountersignError('JOB_STATE', message, { details: { job: id } });
}

/**
 * Works in this process until the job has ended, or the process is told to end: then what is in hand is finished, and the
 * job goes on another time.
 */
export async function workUntilDone(
  store: Store,
  id: string,
  { model, threads, dataRoot }: WorkFlags,
): Promise<BulkJob> {
  const embedders = createEmbedders(model, threads);
  const line = new ProgressLine();
  const onTrouble = (error: Error) => {
    line.clear();
    printNote(error.message);
  };
  const jobs = await openJobs(store, { clock, onTrouble, supervise: true });
  let told = false;
  void untilToldToEnd().then(() => {
    told = true;
  });
  try {
    const { ended } = await jobs.work({ embedders, dataRoot });
    const failed = ended.then((reason) => {
      throw reason;
    });
    failed.catch(() => undefined); // told below, unless the job has ended
    while (true) {
      const job = await jobs.get(id, clock());
      if (told || job.finishedAt !== null) return job;
      if (job.state === 'collecting') throw stillCollecting(job);
      line.update(() => renderProgress(job));
      await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
    }
  } finally {
    line.clear();
    await jobs.close(GRACE_MS);
    await embedders.close();
  }
}
