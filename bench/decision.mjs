// A decision on a questioned signature of an enrolled writer with five references, store included: image, network, lookup,
// judgement, row and audit row on the disk.   npm run build && node bench/decision.mjs [--model FILE] [--runs 40]
// In an embedded store of its own; with DATABASE_URL, in that (empty) database.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/core/rng.js';
import { signGenuine } from '../dist/data/synthetic/sign.js';
import { encodePng } from '../dist/data/synthetic/synthesize-dataset.js';
import { createWriter } from '../dist/data/synthetic/writer.js';
import { createDecider } from '../dist/decide/decide.js';
import { enrolWriter } from '../dist/enrol/enrol-writer.js';
import { openEmbedder } from '../dist/runtime/model-embedder.js';
import { resolveLocation } from '../dist/store/location.js';
import { openStore } from '../dist/store/store.js';
import { PACKAGE_MODELS } from '../dist/verify/package-models.js';
import { machine, median, spread } from './report.mjs';

const REFERENCES = 5;
const WARM_UP = 5;

const { values } = parseArgs({
  options: { model: { type: 'string', default: PACKAGE_MODELS.default }, runs: { type: 'string', default: '40' } },
});
const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const onServer = process.env.DATABASE_URL !== undefined;
const location = resolveLocation(onServer ? undefined : join(folder, 'store'), process.env);
const store = await openStore(location, { ...process.env, XDG_DATA_HOME: folder });
const embedder = await openEmbedder(values.model);
try {
  const signer = createWriter(new Rng(1), 1);
  const sign = (label) => encodePng(signGenuine(signer, new Rng(label)));
  const by = () => ({ at: new Date(), actor: 'bench' });
  const references = await Promise.all(Array.from({ length: REFERENCES }, (_, i) => sign(`reference ${i}`)));
  const writer = { externalRef: 'bench', name: null, expiresAt: null };
  const sources = references.map((image) => ({ image, capturedAt: null }));
  const { state } = await enrolWriter(store, embedder, writer, sources, by());
  if (state !== 'ready') throw new Error(`The writer is ${state}.`);

  const decider = createDecider(store, embedder);
  const times = [];
  for (let run = -WARM_UP; run < Number(values.runs); run++) {
    const signatures = [{ writer: 'bench', image: await sign(`questioned ${run}`) }];
    const { timingMs } = await decider.decide({ signatures }, by());
    if (run >= 0) times.push(timingMs);
  }
  console.log(machine());
  console.log(`decision with ${REFERENCES} references, ${onServer ? 'PostgreSQL' : 'PGlite'} | median ms (spread)`);
  console.log(`warm | ${median(times).toFixed(1)} (${spread(times)})`);
} finally {
  await embedder.close();
  await store.close();
  rmSync(folder, { recursive: true });
}
