import type { Command } from 'commander';
import { pino } from 'pino';
import { CountersignError } from '../core/errors.js';
import { createEmbedders } from '../jobs/embedders.js';
import { openJobs } from '../jobs/jobs.js';
import { requireActiveModel } from '../store/active-model.js';
import type { Store } from '../store/store.js';
import { addStoreFlags, type StoreFlags, withStore } from './store-flags.js';
import { untilToldToEnd } from './told-to-end.js';
import { addWorkFlags, GRACE_MS, type WorkFlags } from './with-jobs.js';

export function addWorkerCommand(program: Command): void {
  addWorkFlags(addStoreFlags(program.command('worker').description('take bulk work from the store, until told to end')))
    .addHelpText(
      'after',
      `
Any number of them, on any number of machines, on one PostgreSQL (DATABASE_URL). SIGTERM lets a worker
finish what it has in hand; one that is killed loses nothing: others take it over within half a minute.`,
    )
    .action(async ({ model, threads, dataRoot, ...flags }: StoreFlags & WorkFlags) => {
      await withStore(flags, (store) => work(store, { model, threads, ...(dataRoot !== undefined && { dataRoot }) }));
    });
}

async function work(store: Store, { model, threads, dataRoot }: WorkFlags): Promise<void> {
  const { location, orm } = store.database;
  if (location.kind === 'folder') {
    const message = `Expected a store on PostgreSQL; the folder ${location.folder} takes one process: \`serve\` does its bulk work, or \`jobs run\`.`;
    throw new CountersignError('INVALID_ARGUMENT', message);
  }
  const output = pino.destination({ fd: 2, sync: false });
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, output);
  const clock = () => new Date();
  const embedders = createEmbedders(model, threads);
  const onTrouble = (err: Error) => log.error({ err }, 'trouble');
  const jobs = await openJobs(store, { clock, onTrouble, supervise: true });
  try {
    const { modelId } = await embedders.get();
    await requireActiveModel(orm, modelId);
    const { ended } = await jobs.work({ embedders, dataRoot });
    log.info({ modelId, threads }, 'working');
    const reason = await Promise.race([ended, untilToldToEnd()]);
    log.info('ending');
    if (reason !== undefined) throw reason;
  } finally {
    await jobs.close(GRACE_MS);
    await embedders.close();
    output.flushSync();
  }
}
