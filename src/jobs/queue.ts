/**
 * The queue: pg-boss, in the store's own database. A message names a job and places of its items, nothing of a writer; what
 * is to be done is read off the store, so a message that comes twice, or late, does no harm.
 */
import type { Job, PgBoss, QueueOptions } from 'pg-boss';
import { CountersignError } from '../core/errors.js';
import { type Database, executeSqlIn, QUEUE_SCHEMA, type Transaction } from '../store/database.js';

export interface Message {
  readonly job: string;
  /** Places of items, both ends included; none for a job that is one piece of work. */
  readonly from?: number;
  readonly to?: number;
}

/** A message as a worker gets it. */
export interface Delivery extends Message {
  /** How often it was delivered before. */
  readonly attempt: number;
  /** Another worker has it by now, or this one is to end. */
  readonly signal: AbortSignal;
}

/** `chunks` of items, `runs` of what is one piece of work; `givenUp`: messages that came to no end, however often. */
export type QueueName = 'chunks' | 'runs' | 'givenUp';

const NAMES: Readonly<Record<QueueName, string>> = {
  chunks: 'countersign-chunks',
  runs: 'countersign-runs',
  givenUp: 'countersign-given-up',
};

/**
 * A worker that is heard of no more for so long is taken for dead; who supervises looks every few seconds. A run may keep
 * the main thread busy for a while.
 */
const HEARTBEAT_SECONDS = { chunks: 15, runs: 60 };
const SUPERVISE_SECONDS = 5;
const MAINTENANCE_SECONDS = 300;
const POLL_SECONDS = 1;
const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** How often a message comes again, and how much later: about twice as long each time, up to a minute. */
export interface Retries {
  readonly limit: number;
  readonly delaySeconds: number;
}

const RETRIES: Retries = { limit: 6, delaySeconds: 2 };
const MOST_DELAY_SECONDS = 60;
/** Of a message that nobody takes, and of one that is done. */
const KEPT = { retentionSeconds: 365 * 24 * HOUR, deleteAfterSeconds: 10 * MINUTE };

const WATCHED = { ...KEPT, deadLetter: NAMES.givenUp };

const OPTIONS: Readonly<Record<QueueName, QueueOptions & { readonly deadLetter?: string }>> = {
  givenUp: { ...KEPT, retryLimit: 1000, retryDelay: 10 },
  chunks: { ...WATCHED, heartbeatSeconds: HEARTBEAT_SECONDS.chunks, expireInSeconds: HOUR },
  runs: { ...WATCHED, heartbeatSeconds: HEARTBEAT_SECONDS.runs, expireInSeconds: 23 * HOUR },
};

const MESSAGES_AT_A_TIME = 5000;
/** Those that are done are soon removed, so there are never so many before the first that is not. */
const MOST_FOUND = 100_000;

export interface Queue {
  /** In the transaction of what the messages are of: both last, or neither. */
  send(tx: Transaction, queue: QueueName, messages: readonly Message[]): Promise<void>;
  /** Whether a message of the job waits to be taken, or a worker has one. */
  holds(queue: QueueName, job: string): Promise<boolean>;
  /**
   * Takes messages, so many at a time, until it is closed. What `handle` throws lets the message come again, later and
   * later, and at last to `givenUp`; a CountersignError of it is named by its code alone.
   */
  consume(queue: QueueName, atATime: number, handle: (delivery: Delivery) => Promise<void>): Promise<void>;
  /** Takes no more messages. @returns once what is in hand has ended */
  rest(): Promise<void>;
  /** @param graceMs - for what is in hand */
  close(graceMs: number): Promise<void>;
}

export interface QueueSettings {
  /** The database was out of reach, or a handler failed; the queue goes on. */
  readonly onTrouble: (error: Error) => void;
  /** Look for messages whose worker died; a process that takes messages has to. */
  readonly supervise: boolean;
  /** Of messages that are sent from here. */
  readonly retries?: Retries;
}

/**
 * @throws CountersignError STORE_UNREACHABLE
 */
export async function openQueue(
  database: Pick<Database, 'location' | 'executeSql'>,
  { supervise, onTrouble, retries = RETRIES }: QueueSettings,
): Promise<Queue> {
  const begin = () => beginBoss(database, supervise, onTrouble);
  // Of processes that make its tables at once, one does; the others fail, and find them there the second time.
  const boss = await begin().catch(begin);
  const again = {
    ...{ retryLimit: retries.limit, retryDelay: retries.delaySeconds, retryDelayMax: MOST_DELAY_SECONDS },
    retryBackoff: retries.delaySeconds > 0,
  };

  return {
    async send(tx, queue, messages) {
      const db = { executeSql: (text: string, values?: unknown[]) => executeSqlIn(tx, text, values) };
      for (let i = 0; i < messages.length; i += MESSAGES_AT_A_TIME) {
        const some = messages.slice(i, i + MESSAGES_AT_A_TIME).map((data) => ({ data, ...again }));
        await boss.insert(NAMES[queue], some, { db });
      }
    },

    async holds(queue, job) {
      const found = await boss.findJobs(NAMES[queue], { data: { job }, limit: MOST_FOUND });
      return found.some(({ state }) => state === 'created' || state === 'retry' || state === 'active');
    },

    async consume(queue, atATime, handle) {
      for (let i = 0; i < atATime; i++) {
        const worker = await boss.work<Message>(
          NAMES[queue],
          { pollingIntervalSeconds: POLL_SECONDS },
          async ([message]) => {
            try {
              await handle(deliveryOf(message!));
            } catch (error) {
              throw nameless(error);
            }
            boss.notifyWorker(worker); // there may be another: ask at once
          },
        );
      }
    },

    async rest() {
      await Promise.all(Object.values(NAMES).map((name) => boss.offWork(name)));
    },

    async close(graceMs) {
      await boss.stop({ graceful: graceMs > 0, timeout: graceMs });
    },
  };
}

async function beginBoss(
  { location, executeSql }: Pick<Database, 'location' | 'executeSql'>,
  supervise: boolean,
  onTrouble: QueueSettings['onTrouble'],
): Promise<PgBoss> {
  const { PgBoss } = await import('pg-boss'); // whoever has no bulk work to do does not wait for it
  const embedded = location.kind === 'folder';
  const boss = new PgBoss({
    db: { executeSql },
    ...{ backend: embedded ? 'pglite' : 'postgres', schema: QUEUE_SCHEMA, supervise, schedule: false },
    ...{ superviseIntervalSeconds: SUPERVISE_SECONDS, monitorIntervalSeconds: SUPERVISE_SECONDS },
    ...{ maintenanceIntervalSeconds: MAINTENANCE_SECONDS, registerInstance: false },
    ...{ reindex: !embedded, monitorVacuum: !embedded },
  });
  boss.on('error', onTrouble);
  try {
    await boss.start();
    for (const queue of Object.keys(OPTIONS) as QueueName[]) {
      const { deadLetter, ...changeable } = OPTIONS[queue];
      await boss.createQueue(NAMES[queue], OPTIONS[queue]);
      await boss.updateQueue(NAMES[queue], changeable); // where another version made it
      // Known from now on: what is sent in a transaction must not ask for it outside of it.
      await boss.findJobs(NAMES[queue], { limit: 1 });
    }
    return boss;
  } catch (cause) {
    await boss.stop({ graceful: false });
    throw new CountersignError('STORE_UNREACHABLE', `The queue in the store: ${(cause as Error).message}.`, { cause });
  }
}

const deliveryOf = ({ data, retryCount, signal }: Job<Message>): Delivery => ({ ...data, attempt: retryCount, signal });

/** The queue keeps what a handler threw; messages and traces may name writers and files. */
function nameless(error: unknown): Error {
  const named = new Error(error instanceof CountersignError ? error.code : 'unexpected failure');
  delete named.stack;
  return named;
}
