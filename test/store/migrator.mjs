/**
 * Makes a store of the first schema with one writer in it, and migrates it, again and again. Says first `has kept` where an
 * earlier one left that writer, at whatever schema, else `has nothing`; then `old` once the writer is in, and `migrated` once
 * it was found in the newest schema. To be killed.
 */
import { writeSync } from 'node:fs';
import { connect } from '../../dist/store/database.js';
import { migrate } from '../../dist/store/migrate.js';

const say = (text) => writeSync(1, `${text}\n`); // in the pipe before the next write begins

const connection = await connect(JSON.parse(process.argv[2]), {});
await connection.onOneConnection(async (execute) => {
  const isKept = async () => {
    const [{ there }] = await execute(`SELECT to_regclass('writers') IS NOT NULL AS there`);
    return there && (await execute(`SELECT 1 FROM writers WHERE external_ref = 'kept'`)).length === 1;
  };
  const migrateAll = async () => {
    await migrate(execute);
    if (!(await isKept())) throw new Error('The migration lost the writer.');
    await execute('SELECT stale_from FROM writers');
  };
  const kept = await isKept();
  say(kept ? 'has kept' : 'has nothing');
  if (kept) {
    await migrateAll();
    say('migrated');
  }
  while (true) {
    await execute('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await migrate(execute, 1);
    await execute(
      `INSERT INTO writers (id, external_ref, state, created_at) VALUES (gen_random_uuid(), 'kept', 'ready', now())`,
    );
    say('old');
    await migrateAll();
    say('migrated');
  }
});
