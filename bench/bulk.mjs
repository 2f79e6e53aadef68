// Bulk verification on a real PostgreSQL: items a second with one worker process and with two, and with workers that are
// killed every few seconds, after which each item must have come to exactly one decision.
//   npm run build && node bench/bulk.mjs [--items 20000] [--writers 2000] [--model default] [--kill-every 4] [--free]
// Each worker has one thread for the network and, unless --free, is confined to one core by taskset, as a container of
// one core is: else a lone worker decodes on the others beside it. PostgreSQL 15 or later runs on the same cores.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { ne, sql } from 'drizzle-orm';
import { openJobs } from '../dist/jobs/jobs.js';
import { verifyAuditLog } from '../dist/store/audit-log.js';
import { auditLog, bulkItems, decisions } from '../dist/store/schema.js';
import { modelFileOf } from '../dist/verify/package-models.js';
import { enrolHands, itemsOf, newStore, open, startPostgresql } from './bulk-store.mjs';
import { machine, ratio, row } from './report.mjs';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '20000' },
    writers: { type: 'string', default: '2000' },
    model: { type: 'string', default: 'default' },
    free: { type: 'boolean', default: false },
    'kill-every': { type: 'string', default: '4' },
  },
});
const [items, writers, killEvery] = [values.items, values.writers, values['kill-every']].map(Number);
const ADDED_AT_A_TIME = 200;
const by = () => ({ at: new Date(), actor: 'bench' });
const seconds = (ms) => new Promise((resolve) => setTimeout(resolve, ms * 1000));

const cluster = await startPostgresql();
try {
  console.log(machine());
  const { perSecond: one } = await measure(1);
  const { perSecond: two } = await measure(2);
  row('two workers to one', ratio(two / one));
  await measure(2, { killEvery });
} finally {
  cluster.stop();
}

async function measure(workers, { killEvery: every = Number.POSITIVE_INFINITY } = {}) {
  const env = await newStore(cluster);
  const store = await open(env);
  const jobs = await openJobs(store, { clock: () => new Date(), onTrouble: console.error, supervise: false });
  const hands = await enrolHands(store, modelFileOf(values.model), writers);
  const { id } = await jobs.create({ kind: 'verify' }, by());
  const adding = performance.now();
  const all = itemsOf(hands, writers, items);
  for (let i = 0; i < all.length; i += ADDED_AT_A_TIME)
    await jobs.addItems(id, all.slice(i, i + ADDED_AT_A_TIME), by());
  const added = (1000 * items) / (performance.now() - adding);

  const alive = await Promise.all(Array.from({ length: workers }, (_, i) => startWorker(env, i)));
  await jobs.start(id, by());
  let kills = 0;
  const isDone = async () => (await jobs.get(id, new Date())).finishedAt !== null;
  while (!(await isDone())) {
    await seconds(Math.min(every, 1));
    if (every === Number.POSITIVE_INFINITY) continue;
    await seconds(every - 1);
    if (await isDone()) break;
    const victim = kills++ % workers;
    alive[victim].kill('SIGKILL');
    alive[victim] = await startWorker(env, victim);
  }
  const { startedAt, finishedAt } = await jobs.get(id, new Date());
  await jobs.close();
  for (const worker of alive) worker.kill('SIGTERM');
  await Promise.all(alive.map((worker) => once(worker, 'exit')));

  const elapsed = (finishedAt - startedAt) / 1000;
  const perSecond = items / elapsed;
  row(
    `${workers} worker${workers > 1 ? 's' : ''}${values.free ? ', not confined' : ''}${kills > 0 ? `, ${kills} kills` : ''}`,
    `${items} items in ${elapsed.toFixed(1)} s`,
    `${perSecond.toFixed(1)} a second`,
    `added at ${added.toFixed(0)} a second`,
    await soundness(store),
  );
  await store.close();
  return { perSecond };
}

/** Throws unless each item has exactly one decision, and each decision one row of the audit log. */
async function soundness({ database, keys }) {
  const { orm } = database;
  const counts = {
    unsettled: await orm.$count(bulkItems, ne(bulkItems.state, 'settled')),
    decisions: await orm.$count(decisions),
    ofItems: (await orm.execute(sql`SELECT count(DISTINCT decision_id)::int AS n FROM bulk_items`)).rows[0].n,
    onRecord: await orm.$count(auditLog, sql`action = 'decision.made'`),
    images: await orm.$count(bulkItems, sql`image IS NOT NULL`),
  };
  const { valid } = await verifyAuditLog(database, keys);
  const { unsettled, images, ...each } = counts;
  if (!valid || unsettled + images > 0 || Object.values(each).some((n) => n !== items)) {
    throw new Error(`Not one decision for each item: ${JSON.stringify({ valid, ...counts })}`);
  }
  return `${counts.decisions} decisions, none lost, none twice`;
}

/** Until it takes work. */
async function startWorker(env, core) {
  const command = [process.execPath, 'dist/cli/main.js', 'worker', '--model', values.model, '--threads', '1'];
  const [program, ...args] = values.free ? command : ['taskset', '--cpu-list', String(core), ...command];
  const worker = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((resolve, reject) => {
    worker.once('exit', (code) => reject(new Error(`A worker ended with code ${code}.`)));
    worker.stderr.setEncoding('utf8').on('data', (text) => {
      if (text.includes('"working"')) resolve();
      if (text.includes('"trouble"')) process.stderr.write(text);
    });
  });
  worker.removeAllListeners('exit');
  return worker;
}
