/**
 * Writes to a store without end, and says what is acknowledged: first `has N`, the rows that an earlier one left, when the
 * chain is valid and every row stands with its audit row; then `acknowledged N` after each commit. To be killed.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { count, eq } from 'drizzle-orm';
import { appendAudit, verifyAuditLog } from '../../dist/store/audit-log.js';
import { backup } from '../../dist/store/backup.js';
import { referenceSignatures, writers } from '../../dist/store/schema.js';
import { referenceImageRow } from '../../dist/store/sealed-columns.js';
import { openStore } from '../../dist/store/store.js';

const [location, backupFile] = process.argv.slice(2);
const say = (text) => writeSync(1, `${text}\n`); // in the pipe before the next write begins
const at = new Date('2026-01-01T00:00:00Z');

const { database, keys } = await openStore(JSON.parse(location), process.env);
const { orm } = database;
const verified = await verifyAuditLog(database, keys);
if (!verified.valid) throw new Error(`Row ${verified.seq}: ${verified.problem}`);
const [{ rows }] = await orm.select({ rows: count() }).from(writers);
const numbers = (await orm.select({ ref: writers.externalRef }).from(writers)).map(({ ref }) => Number(ref));
const [{ references }] = await orm.select({ references: count() }).from(referenceSignatures);
const whole = Math.max(0, ...numbers) === rows && references === rows && verified.rows === rows;
if (!whole) throw new Error(`${rows} writers, ${references} references, ${verified.rows} audit rows`);
const last = await orm
  .select()
  .from(referenceSignatures)
  .innerJoin(writers, eq(writers.id, referenceSignatures.writerId))
  .where(eq(writers.externalRef, String(rows)));
for (const { reference_signatures: row } of last) keys.open(row.image, referenceImageRow(row.id));
say(`has ${rows}`);

for (let number = rows + 1; ; number++) {
  const [writerId, id] = [randomUUID(), randomUUID()];
  const image = randomBytes(5000);
  await database.transaction(async (tx) => {
    await tx.insert(writers).values({ id: writerId, externalRef: String(number), state: 'enrolling', createdAt: at });
    await tx.insert(referenceSignatures).values({
      id,
      writerId,
      imageHash: '0'.repeat(64),
      image: keys.seal(image, referenceImageRow(id)),
      state: 'enrolled',
      enrolledAt: at,
    });
    await appendAudit(tx, keys, { at, actor: 'writer', action: 'writer.enrolled', subjectIds: [writerId, id] });
  });
  say(`acknowledged ${number}`);
  if (number % 25 === 0) await backup(database, backupFile, at);
}
