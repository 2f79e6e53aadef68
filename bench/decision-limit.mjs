// How many decisions a second one PostgreSQL takes, whatever the network: the images were embedded beforehand. Each
// decision goes into one audit log, whose head is locked until it is committed; so this is the limit of a fleet.
//   npm run build && node bench/decision-limit.mjs [--seconds 10] [--connections 8] [--writers 2000]
import { parseArgs } from 'node:util';
import { createDecider } from '../dist/decide/decide.js';
import { openEmbedder } from '../dist/runtime/model-embedder.js';
import { PACKAGE_MODELS } from '../dist/verify/package-models.js';
import { enrolHands, itemsOf, newStore, open, startPostgresql } from './bulk-store.mjs';
import { machine, row } from './report.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '8' },
    writers: { type: 'string', default: '2000' },
  },
});
const [duration, connections, writers] = [values.seconds, values.connections, values.writers].map(Number);
const SIZES = [1, 8, 32, 128];

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
  for (const size of SIZES) {
    let decided = 0;
    const until = performance.now() + 1000 * duration;
    const lane = async (first) => {
      for (let at = first; performance.now() < until; at += size) {
        const chunk = Array.from({ length: size }, (_, i) => documents[(at + i) % documents.length]);
        await store.database.transaction((tx) => decider.decideIn(tx, chunk, { at: new Date(), actor: 'bench' }));
        decided += size;
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: connections }, (_, i) => lane(i * 61)));
    const perSecond = (1000 * decided) / (performance.now() - started);
    row(`${size} in a transaction, ${connections} connections`, `${perSecond.toFixed(0)} decisions a second`);
  }
  await embedder.close();
  await store.close();
} finally {
  cluster.stop();
}
