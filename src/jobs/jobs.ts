/** Bulk work: asked for, followed, stopped, and worked on. Each step lasts with its messages, or neither does. */
import { z } from 'zod';
import { JOB_PARAMETERS } from '../api/schemas/job-parameters.js';
import { CountersignError } from '../core/errors.js';
import { abandonReembed } from '../enrol/reembed.js';
import { amountSchema, currencySchema } from '../policy/money.js';
import type { AuditEntry } from '../store/audit-log.js';
import { countWaiting } from '../store/bulk-counts.js';
import { addBulkItems, cancelItems, type ItemRange, type NewBulkItem } from '../store/bulk-items.js';
import {
  type BulkJobRow,
  type BulkKind,
  cancelBulkJob,
  findBulkJob,
  hasItems,
  insertBulkJob,
  openBulkJobs,
  queueBulkJob,
  requeueBulkJob,
} from '../store/bulk-jobs.js';
import { type BulkJob, type BulkJobFilter, listBulkJobs, withProgress } from '../store/bulk-progress.js';
import { type BulkResult, bulkReport, bulkResults } from '../store/bulk-results.js';
import type { Alongside, Orm, Transaction } from '../store/database.js';
import type { Page } from '../store/page.js';
import type { Store } from '../store/store.js';
import { sendMessages } from './messages.js';
import { openQueue, type QueueSettings } from './queue.js';
import { startWorking, type WorkOptions } from './work.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface JobRequest {
  readonly kind: BulkKind;
  readonly title?: string | undefined;
  /** As `JOB_PARAMETERS` has them for the kind. */
  readonly parameters?: unknown;
}

export interface JobsOptions extends QueueSettings {
  readonly clock: () => Date;
}

/** Jobs are named by their id, or by how that begins. */
export interface Jobs {
  /**
   * One of `verify` or `enrol` collects its items; any other is queued at once.
   *
   * @throws CountersignError INVALID_ARGUMENT
   */
  create(request: JobRequest, by: By, alongside?: Alongside<BulkJob>): Promise<BulkJob>;
  /** @returns their places. @throws CountersignError JOB_NOT_FOUND, JOB_STATE; INVALID_ARGUMENT for an amount that is none */
  addItems(job: string, items: readonly NewBulkItem[], by: By, alongside?: Alongside<ItemRange>): Promise<ItemRange>;
  /** @throws CountersignError JOB_NOT_FOUND; JOB_STATE where it was started before, or has no items */
  start(job: string, by: By, alongside?: Alongside<BulkJob>): Promise<BulkJob>;
  /**
   * Once it is answered nothing more is decided or enrolled for the job; a move to another model is given up.
   *
   * @throws CountersignError JOB_NOT_FOUND, JOB_STATE where it is done
   */
  cancel(job: string, by: By): Promise<BulkJob>;
  /** Tries again what failed. @throws CountersignError JOB_NOT_FOUND, JOB_STATE where nothing has */
  retry(job: string, by: By, alongside?: Alongside<BulkJob>): Promise<BulkJob>;
  /** @throws CountersignError JOB_NOT_FOUND */
  get(job: string, at: Date): Promise<BulkJob>;
  list(filter: BulkJobFilter): Promise<Page<BulkJob>>;
  /** Items that wait for a worker, of all jobs. */
  waiting(): Promise<number>;
  /** What came of each item so far. */
  results(job: Pick<BulkJob, 'id'>): AsyncGenerator<BulkResult>;
  /** report.json and report.html of an evaluation; undefined where there is none. */
  report(job: Pick<BulkJob, 'id'>): ReturnType<typeof bulkReport>;
  /** Works on what waits, until it is closed. @returns `ended`: resolves with why it can be of no more use */
  work(options: WorkOptions): Promise<{ readonly ended: Promise<CountersignError> }>;
  /**
   * Takes nothing more to work on; what is asked for afterwards is left to others.
   *
   * @param graceMs - until chunks in hand are given up; not at all unless said
   */
  close(graceMs?: number): Promise<void>;
}

/**
 * @throws CountersignError STORE_UNREACHABLE
 *
 * @example
 * const jobs = await openJobs(store, { clock: () => new Date(), onTrouble: log, supervise: false });
 * const { id } = await jobs.create({ kind: 'verify', title: 'cheques of Monday' }, { at, actor: 'ada' });
 * await jobs.addItems(id, items, { at, actor: 'ada' });
 * await jobs.start(id, { at, actor: 'ada' });
 */
export async function openJobs(store: Store, { clock, ...settings }: JobsOptions): Promise<Jobs> {
  const { database, keys } = store;
  const { orm } = database;
  const queue = await openQueue(database, settings);
  const closing = new AbortController();

  const shown = async (queries: Pick<Orm, 'select'>, job: BulkJobRow, at: Date): Promise<BulkJob> =>
    (await withProgress(queries, [job], at))[0]!;

  /** What `change` makes of the job, with its messages. */
  const change = async (
    beginning: string,
    by: By,
    make: (tx: Transaction, id: string) => Promise<BulkJobRow>,
    alongside: Alongside<BulkJob> | undefined,
  ): Promise<BulkJob> => {
    const { id } = await findBulkJob(orm, beginning);
    return database.transaction(async (tx) => {
      const job = await make(tx, id);
      await sendMessages(tx, queue, job);
      const changed = await shown(tx, job, by.at);
      await alongside?.(tx, changed);
      return changed;
    });
  };

  return {
    async create({ kind, title = null, parameters = {} }, by, alongside) {
      const job = { kind, title, parameters: parametersOf(kind, parameters) };
      return database.transaction(async (tx) => {
        const row = await findBulkJob(tx, await insertBulkJob(tx, keys, job, by));
        if (!hasItems(row)) await sendMessages(tx, queue, row);
        const created = await shown(tx, row, by.at);
        await alongside?.(tx, created);
        return created;
      });
    },

    async addItems(beginning, items, by, alongside) {
      items.forEach(requireMoney);
      const { id } = await findBulkJob(orm, beginning);
      return database.transaction(async (tx) => {
        const added = await addBulkItems(tx, keys, id, items, by.at);
        await alongside?.(tx, added);
        return added;
      });
    },

    start: (job, by, alongside) => change(job, by, (tx, id) => queueBulkJob(tx, keys, id, by), alongside),
    retry: (job, by, alongside) => change(job, by, (tx, id) => requeueBulkJob(tx, keys, id, by), alongside),

    async cancel(beginning, by) {
      const { id } = await findBulkJob(orm, beginning);
      const before = await database.transaction((tx) => cancelBulkJob(tx, keys, id, by));
      if (hasItems(before)) await cancelItems(database, id, by.at);
      if (before.kind === 'reembed' && !(await isMoving(orm))) await abandonReembed(store, by.at, by.actor);
      return shown(orm, await findBulkJob(orm, id), by.at);
    },

    get: async (beginning, at) => shown(orm, await findBulkJob(orm, beginning), at),
    list: (filter) => listBulkJobs(orm, filter),
    waiting: () => countWaiting(orm),
    results: ({ id }) => bulkResults(orm, id),
    report: ({ id }) => bulkReport(orm, id),

    work: (options) =>
      startWorking({ store, queue, clock, onTrouble: settings.onTrouble, closing: closing.signal }, options),

    async close(graceMs = 0) {
      closing.abort();
      await queue.close(graceMs);
    },
  };
}

/** Whether a job moves the store to another model: a move that was begun by one that failed, or was killed, is nobody's. */
async function isMoving(orm: Orm): Promise<boolean> {
  return (await openBulkJobs(orm)).some(({ kind, state }) => kind === 'reembed' && state === 'running');
}

function requireMoney({ amount, currency }: NewBulkItem, i: number): void {
  if (amount === undefined && currency === undefined) return;
  if (amountSchema.safeParse(amount).success && currencySchema.safeParse(currency).success) return;
  const message = `Item ${i + 1}: expected an amount like 1000.50 and a currency like EUR, or neither.`;
  throw new CountersignError('INVALID_ARGUMENT', message);
}

function parametersOf(kind: BulkKind, given: unknown): Readonly<Record<string, unknown>> {
  const parsed = JOB_PARAMETERS[kind].safeParse(given);
  if (parsed.success) return parsed.data;
  const message = `Parameters of a job of kind ${kind}: ${z.prettifyError(parsed.error)}`;
  throw new CountersignError('INVALID_ARGUMENT', message);
}
