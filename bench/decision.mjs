// A decision on a questioned signature of an enrolled writer with five references, store included: image, network, lookup,
// judgement, row and audit row on the disk.   npm run build && node bench/decision.mjs [--model FILE] [--runs 40] [--keep FOLDER]
// In an embedded store of its own, or in the one that `identify.mjs --keep FOLDER` filled; with DATABASE_URL, in that (empty) database.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eq } from 'drizzle-orm';
import { Rng } from '../dist/core/rng.js';
import { signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../dist/data/synthetic/writer.js';
import { createDecider } from '../dist/decide/decide.js';
import { enrolWriter } from '../dist/enrol/enrol-writer.js';
import { openEmbedder } from '../dist/runtime/model-embedder.js';
import { resolveLocation } from '../dist/store/location.js';
import { writers } from '../dist/store/schema.js';
import { openStore } from '../dist/store/store.js';
import { PACKAGE_MODELS } from '../dist/verify/package-models.js';
import { machine, median, spread } from './report.mjs';

const REFERENCES = 5;
const WARM_UP = 5;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: PACKAGE_MODELS.default },
    runs: { type: 'string', default: '40' },
    keep: { type: 'string' },
  },
});
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const onServer = process.env.DATABASE_URL !== undefined;
const location = resolveLocation(onServer ? undefined : join(folder, 'store'), process.env);
const store = await openStore(location, { ...process.env, XDG_DATA_HOME: folder });
const embedder = await openEmbedder(values.model);
try {
  const signer = createWriter(new Rng(1), 1);
  const sign = (label) => encodePng(signGenuine(signer, new Rng(label)));
  const by = () => ({ at: new Date(), actor: 'bench' });
  const { orm } = store.database;
  if ((await orm.$count(writers, eq(writers.externalRef, 'bench'))) === 0) {
    const references = await Promise.all(Array.from({ length: REFERENCES }, (_, i) => sign(`reference ${i}`)));
    const writer = { externalRef: 'bench', name: null, expiresAt: null };
    const sources = references.map((image) => ({ image, capturedAt: null }));
    const { state } = await enrolWriter(store, embedder, writer, sources, by());
    if (state !== 'ready') throw new Error(`The writer is ${state}.`);
  }

  const decider = createDecider(store, embedder);
  const times = [];
  for (let run = -WARM_UP; run < Number(values.runs); run++) {
    const signatures = [{ writer: 'bench', image: await sign(`questioned ${run}`) }];
    const { timingMs } = await decider.decide({ signatures }, by());
    if (run >= 0) times.push(timingMs);
  }
  console.log(machine());
  const among = await orm.$count(writers);
  console.log(
    `decision with ${REFERENCES} references, ${among} writers, ${onServer ? 'PostgreSQL' : 'PGlite'} | median ms (spread)`,
  );
  console.log(`warm | ${median(times).toFixed(1)} (${spread(times)})`);
} finally {
  await embedder.close();
  await store.close();
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}
