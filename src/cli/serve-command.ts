import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { pino } from 'pino';
import { createEmbedders } from '../jobs/embedders.js';
import { openJobs } from '../jobs/jobs.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import { type ServiceConfig, serviceConfigSchema } from '../server/config.js';
import { decodeLimitsOf } from '../server/inference.js';
import { drawSessionKey, type SessionKey } from '../server/key-guard.js';
import { isForThisMachine } from '../server/require-host.js';
import { startService } from '../server/service.js';
import { warmUp } from '../server/warm-up.js';
import type { Store } from '../store/store.js';
import { modelFileOf } from '../verify/package-models.js';
import { addSchemaFlags } from './schema-flags.js';
import { readServiceConfig } from './service-config.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { printJson, printNote, printResult } from './terminal.js';
import { endAtOnce, untilToldToEnd } from './told-to-end.js';

interface ServeFlags extends StoreFlags {
  readonly config?: string;
}

export function addServeCommand(program: Command): void {
  const command = addStoreFlags(
    program.command('serve').description('the service: an HTTP API on the store, and a page to work with'),
  ).option('--config <file>', 'JSON file with the options; environment (COUNTERSIGN_...) and flags go before it');
  addSchemaFlags(command, serviceConfigSchema);
  command
    .addHelpText(
      'after',
      `
On 127.0.0.1 it needs nothing else: a key for the page is made at each start and printed with its address.

Example:
  countersign serve
  countersign keys create --role verify --name till-3 && countersign serve --host 0.0.0.0`,
    )
    .action(async (flags: ServeFlags) => {
      const config = await readServiceConfig(flags.config, process.env, flags as Readonly<Record<string, unknown>>);
      await withStore(flags, (store) => serve(config, store, flags));
    });
}

/** After the time for what was accepted: threads, jobs and the store are closed. */
const CLOSE_MS = 10_000;

/** Until it is told to end. */
async function serve(config: ServiceConfig, store: Store, flags: ServeFlags): Promise<void> {
  const { actor } = byActor(flags);
  const sessionKey = config.sessionKey && isForThisMachine(config) ? drawSessionKey(actor) : undefined;
  const output = pino.destination({ fd: 2, sync: false });
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, output);
  const clock = () => new Date();
  const modelFile = modelFileOf(config.model);
  const embedder = await openEmbedder(modelFile, {
    workers: config.workers === 0 ? availableParallelism() : config.workers,
  });
  const bulk = createEmbedders(modelFile, config.jobs.threads);
  const isHere =
    config.jobs.here === 'yes' || (config.jobs.here === 'auto' && store.database.location.kind === 'folder');
  const onTrouble = (err: Error) => log.error({ err }, 'trouble with bulk work');
  const jobs = await openJobs(store, { clock, onTrouble, supervise: isHere });
  try {
    if (isHere) {
      const limits = decodeLimitsOf(config);
      const { ended } = await jobs.work({ embedders: bulk, dataRoot: config.jobs.dataRoot || undefined, limits });
      void ended.then((err) => log.error({ err }, 'no more bulk work is done here'));
    }
    await warmUp(embedder);
    const parts = { config, store, jobs, embedder, log, clock };
    const service = await startService({ ...parts, ...(sessionKey && { sessionKey }) });
    const end = untilToldToEnd();
    tell(service.url, sessionKey, flags);
    await end;
    const { shutdownMs } = config.timeouts;
    // What hangs does not keep the process: what was committed lasts, and the rest never was.
    setTimeout(endAtOnce, shutdownMs + CLOSE_MS).unref();
    await Promise.all([service.close(), jobs.close(shutdownMs)]);
  } finally {
    await jobs.close();
    await bulk.close();
    await embedder.close();
    output.flushSync();
  }
}

function tell(url: string, sessionKey: SessionKey | undefined, { json }: ServeFlags): void {
  const page = sessionKey === undefined ? url : `${url}/#key=${sessionKey.key}`;
  if (json) printJson({ url, page });
  else printResult(page);
  if (sessionKey !== undefined)
    printNote('The key in this address is for this start alone: whoever has it may do all.');
}
