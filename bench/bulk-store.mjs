// What the benches of bulk work start from: a PostgreSQL of their own, and writers enrolled with synthetic signatures.
import { randomBytes } from 'node:crypto';
import { runnerImport } from 'vite';
import { Rng } from '../dist/core/rng.js';
import { signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter as drawWriter } from '../dist/data/synthetic/writer.js';
import { enrollingModel, prepareReferences } from '../dist/enrol/prepare-references.js';
import { openEmbedder } from '../dist/runtime/model-embedder.js';
import { createWriter } from '../dist/store/enrol.js';
import { resolveLocation } from '../dist/store/location.js';
import { openStore } from '../dist/store/store.js';

const HANDS = 40;
const REFERENCES = 5;
const QUESTIONED = 10;

/** @returns a PostgreSQL 15 or later, as Debian sets it up; ended by `stop` */
export async function startPostgresql() {
  const { module } = await runnerImport('./test/store/postgresql.ts');
  return module.startCluster();
}

/** The environment of a process that works on a new store there. */
export async function newStore(cluster) {
  const DATABASE_URL = await cluster.createDatabase();
  return { ...process.env, DATABASE_URL, COUNTERSIGN_KEY: randomBytes(32).toString('base64url') };
}

export const open = (env, options) => openStore(resolveLocation(undefined, env), env, options);

/**
 * So many writers, of forty hands: what is compared is the same for all writers of a hand, whose number is told.
 *
 * @returns the questioned signatures of each hand, as PNG files
 */
export async function enrolHands(store, model, writers) {
  const embedder = await openEmbedder(model, { workers: 2 });
  const hands = [];
  for (let h = 0; h < HANDS; h++) {
    const hand = drawWriter(new Rng('hands'), h + 1);
    const sign = (label) => encodePng(signGenuine(hand, new Rng(`${h} ${label}`)));
    const images = await Promise.all(Array.from({ length: REFERENCES }, (_, i) => sign(`reference ${i}`)));
    const sources = images.map((image) => ({ image, capturedAt: null }));
    const questioned = await Promise.all(Array.from({ length: QUESTIONED }, (_, i) => sign(`questioned ${i}`)));
    hands.push({ references: await prepareReferences(embedder, sources), questioned });
  }
  const by = { at: new Date(), actor: 'bench' };
  for (let w = 0; w < writers; w++) {
    const writer = { externalRef: `writer ${w}`, name: null, expiresAt: null };
    const { references } = hands[w % HANDS];
    await store.database.transaction((tx) =>
      createWriter(tx, store.keys, writer, references, enrollingModel(embedder), by),
    );
  }
  await embedder.close();
  return hands.map(({ questioned }) => questioned);
}

/** Items that ask of each writer in turn, in an order that is not the writers'. */
export function itemsOf(hands, writers, count) {
  const rng = new Rng('items');
  return Array.from({ length: count }, (_, i) => {
    const writer = Math.floor(rng.uniform() * writers);
    const questioned = hands[writer % hands.length];
    return {
      ...{ externalRef: `writer ${writer}`, label: String(i), image: questioned[i % questioned.length] },
    };
  });
}
