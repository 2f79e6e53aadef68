/**
 * Works on a store without end, and says what is acknowledged: first `active K`, the number of the active model, `decisions N`
 * and `has N`, the decisions and writers that an earlier one left, when the chain is valid and all of it is whole; then
 * `enrolled N`, `decided N` and `active K` after each commit. To be killed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { eq, sql } from 'drizzle-orm';
import { createDecider } from '../../dist/decide/decide.js';
import { reembed } from '../../dist/enrol/reembed.js';
import { activeModel } from '../../dist/store/active-model.js';
import { verifyAuditLog } from '../../dist/store/audit-log.js';
import { backup } from '../../dist/store/backup.js';
import { createWriter } from '../../dist/store/enrol.js';
import { openJob } from '../../dist/store/reembedding.js';
import { auditLog, cases, decisions, referenceSignatures, writers } from '../../dist/store/schema.js';
import { questionedImageRow, referenceImageRow } from '../../dist/store/sealed-columns.js';
import { openStore } from '../../dist/store/store.js';

const [location, backupFile] = process.argv.slice(2);
const say = (text) => writeSync(1, `${text}\n`); // in the pipe before the next write begins
const at = new Date('2026-01-01T00:00:00Z');
const by = { at, actor: 'writer' };
const EACH = 3;

const store = await openStore(JSON.parse(location), process.env);
const { database, keys } = store;
const { orm } = database;
const there = await requireWhole();
let active = numberOf((await activeModel(orm))?.id ?? 'model-1');
say(`active ${active}`);
say(`decisions ${there.decided}`);
say(`has ${there.enrolled}`);

for (let number = there.enrolled + 1, decided = there.decided + 1; ; number++, decided++) {
  const images = Array.from({ length: EACH }, () => randomBytes(5000));
  await enrol(number, images);
  say(`enrolled ${number}`);
  await decide(number, decided % 2 === 0 ? images[0] : randomBytes(5000));
  say(`decided ${decided}`);
  if (number % 10 === 0) {
    active = numberOf(await moveOn());
    say(`active ${active}`);
  }
  if (number % 25 === 0) await backup(database, backupFile, at);
}

/** @returns how many writers and decisions there are, each with all that was committed with it. @throws Error where something is missing */
async function requireWhole() {
  const verified = await verifyAuditLog(database, keys);
  if (!verified.valid) throw new Error(`Row ${verified.seq}: ${verified.problem}`);
  const enrolled = await requireWriters();
  return { enrolled, decided: await requireDecisions() };
}

async function requireWriters() {
  const numbers = (await orm.select({ ref: writers.externalRef }).from(writers)).map(({ ref }) => Number(ref));
  const references = await orm.$count(referenceSignatures);
  const recorded = await onRecord('writer.enrolled');
  const { rows: unseen } = await orm.execute(sql`
    SELECT 1 FROM reference_signatures r WHERE NOT EXISTS (
      SELECT 1 FROM embeddings e JOIN models m ON m.id = e.model_id AND m.active WHERE e.reference_id = r.id)`);
  const last = numbers.length;
  const isWhole =
    [Math.max(0, ...numbers), references / EACH, recorded].every((n) => n === last) && unseen.length === 0;
  if (!isWhole) {
    throw new Error(`${last} writers, ${references} references, ${recorded} on record, ${unseen.length} not embedded`);
  }
  const images = await orm
    .select({ id: referenceSignatures.id, image: referenceSignatures.image })
    .from(referenceSignatures)
    .innerJoin(writers, eq(writers.id, referenceSignatures.writerId))
    .where(eq(writers.externalRef, String(last)));
  for (const { id, image } of images) keys.open(image, referenceImageRow(id));
  return last;
}

/** Those of a copy of a reference wait for a person, with the image. */
async function requireDecisions() {
  const decided = await orm.$count(decisions);
  const recorded = await onRecord('decision.made');
  const left = await orm.$count(decisions, eq(decisions.result, 'review'));
  const opened = await orm.select({ id: cases.id, image: cases.questionedImage }).from(cases);
  if (recorded !== decided || left !== opened.length || left !== Math.floor(decided / 2)) {
    throw new Error(`${decided} decisions, ${recorded} on record, ${left} left to a person, ${opened.length} cases`);
  }
  for (const { id, image } of opened.slice(-3)) keys.open(image, questionedImageRow(id));
  return decided;
}

function onRecord(action) {
  return orm.$count(auditLog, eq(auditLog.action, action));
}

async function enrol(number, images) {
  const references = images.map((image) => {
    const imageHash = sha256(image);
    const [pixelHash, embedding] = [sha256(imageHash), embeddingOf(image, active)];
    return { name: 'a.png', image, imageHash, pixelHash, quality: {}, embedding, capturedAt: null };
  });
  const writer = { externalRef: String(number), name: null, expiresAt: null };
  await database.transaction((tx) => createWriter(tx, keys, writer, references, modelOf(active), by));
}

async function decide(number, image) {
  const signatures = [{ writer: String(number), image }];
  await createDecider(store, embedderOf(`model-${active}`)).decide({ signatures }, by);
}

/** To the next model, or to the one that an earlier process began to move to. @returns its id */
async function moveOn() {
  const modelId = (await openJob(orm))?.modelId ?? `model-${active + 1}`;
  return (await reembed(store, embedderOf(modelId), { actor: 'writer', clock: () => at })).modelId;
}

function embedderOf(modelId) {
  const embedFiles = async (images) =>
    images.map((image) => ({ embedding: embeddingOf(image, numberOf(modelId)), quality: { warnings: [] } }));
  return { modelId, dimension: 4, metadata: modelOf(numberOf(modelId)), embedFiles };
}

function modelOf(number) {
  const fits = { threshold: { value: 2, source: 'made up' }, similarity: { slope: 1, intercept: 0 } };
  return { id: `model-${number}`, dimension: 4, ...fits };
}

function numberOf(modelId) {
  return Number(modelId.replace('model-', ''));
}

function embeddingOf(image, model) {
  // Of so many angles that no two images have the same by chance: that would be a copy, left to a person.
  const angle = createHash('sha256').update(image).update(String(model)).digest().readUInt32LE(0) * (Math.PI / 2 ** 31);
  return new Float32Array([Math.cos(angle), Math.sin(angle), 0, 0]);
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}
