// How many decisions a second one PostgreSQL takes, whatever the network: images were embedded beforehand. All decisions go
// into one audit log, whose head is locked from the append until the commit; so besides what comes of all cores here, the
// time for which it is locked tells the limit of a fleet.
//   npm run build && node bench/decision-limit.mjs [--seconds 10] [--connections 4] [--writers 2000]
// Needs PostgreSQL 15 or later on this machine; it runs there too, on the same cores.
import { parseArgs } from 'node:util';
import { createDecider } from '../dist/decide/decide.js';
import { openEmbedder } from '../dist/runtime/model-embedder.js';
import { PACKAGE_MODELS } from '../dist/verify/package-models.js';
import { enrolHands, itemsOf, newStore, open, startPostgresql } from './bulk-store.mjs';
import { machine, median, row } from './report.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '4' },
    writers: { type: 'string', default: '2000' },
  },
});
const [duration, connections, writers] = [values.seconds, values.connections, values.writers].map(Number);
/** Decisions of a transaction: one, as the service makes them, and a chunk of bulk work, and more. */
const SIZES = [1, 32, 128];
const by = () => ({ at: new Date(), actor: 'bench' });

const cluster = await startPostgresql();
try {
  console.log(machine());
  const store = await open(await newStore(cluster), { connections });
  const hands = await enrolHands(store, PACKAGE_MODELS.default, writers);
  const embedder = await openEmbedder(PACKAGE_MODELS.default);
  const decider = createDecider(store, embedder);
  const questions = itemsOf(hands, writers, 512).map(({ externalRef, image }) => ({
    signatures: [{ writer: externalRef, image }],
  }));
  const documents = await decider.prepare(questions);
  const chunkAt = (at, size) => Array.from({ length: size }, (_, i) => documents[(at + i) % documents.length]);

  for (const size of SIZES) {
    const locked = [];
    await lane(1, size, async (chunk) => {
      let from = 0;
      await store.database.transaction((tx) =>
        // What is alongside comes right before the head is locked.
        decider.decideIn(tx, chunk, by(), async () => {
          from = performance.now();
        }),
      );
      locked.push(performance.now() - from);
    });
    const perSecond = await lane(connections, size, (chunk) =>
      store.database.transaction((tx) => decider.decideIn(tx, chunk, by())),
    );
    const ms = median(locked);
    row(
      `${size} in a transaction`,
      `${perSecond.toFixed(0)} a second over ${connections} connections`,
      `head locked for ${ms.toFixed(1)} ms`,
      `a limit of ${((1000 * size) / ms).toFixed(0)} a second`,
    );
  }
  await embedder.close();
  await store.close();

  /** So many at once. @returns decisions a second */
  async function lane(lanes, size, decide) {
    let decided = 0;
    const started = performance.now();
    const one = async (first) => {
      for (let at = first; performance.now() - started < 1000 * duration; at += size) {
        await decide(chunkAt(at, size));
        decided += size;
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, i) => one(61 * i)));
    return (1000 * decided) / (performance.now() - started);
  }
} finally {
  cluster.stop();
}
