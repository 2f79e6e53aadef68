/** Numbered migrations, forward only: each in a transaction of its own, with its checksum on record. */
import { readdirSync, readFileSync } from 'node:fs';
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';

/** Runs SQL on one connection. @returns the rows of the last statement */
export type Execute = (statements: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  readonly statements: string;
  /** SHA-256 of the file. */
  readonly checksum: string;
}

const FILE_NAME = /^(\d{4})_([a-z-]+)\.sql$/;

/** Those of this version of the program, in their order. */
export const MIGRATIONS: readonly Migration[] = readMigrations();

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Any number that no other program takes advisory locks on. */
const ADVISORY_LOCK = 0x435347; // 'CSG'

/**
 * Brings the database to version `upTo`. Of two processes at once, one migrates and the other waits.
 *
 * @returns how many migrations were applied
 * @throws CountersignError STORE_NEWER, STORE_DAMAGED where an applied migration is not the one of this program
 */
export async function migrate(execute: Execute, upTo = SCHEMA_VERSION): Promise<number> {
  let applied = 0;
  while (await migrateOnce(execute, upTo)) applied++;
  return applied;
}

/** @returns whether there was one to apply */
async function migrateOnce(execute: Execute, upTo: number): Promise<boolean> {
  await execute('BEGIN');
  try {
    await execute(`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK})`);
    const next = MIGRATIONS[(await appliedMigrations(execute)).length];
    if (next === undefined || next.version > upTo) {
      await execute('ROLLBACK');
      return false;
    }
    await execute(next.statements);
    await execute(
      `INSERT INTO schema_migrations (version, name, checksum, applied_at)
       VALUES (${next.version}, '${next.name}', '${next.checksum}', now())`,
    );
    await execute('COMMIT');
    return true;
  } catch (error) {
    await execute('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** @returns version numbers in order; makes the table that records them */
async function appliedMigrations(execute: Execute): Promise<readonly number[]> {
  await execute(`CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz(3) NOT NULL
  )`);
  const rows = await execute('SELECT version, checksum FROM schema_migrations ORDER BY version');
  return rows.map(({ version, checksum }, i) => {
    if (Number(version) > SCHEMA_VERSION) {
      throw new CountersignError(
        'STORE_NEWER',
        `The store has schema ${rows.at(-1)!.version}; this program knows schemas up to ${SCHEMA_VERSION}.`,
      );
    }
    if (MIGRATIONS[i]?.version !== version || MIGRATIONS[i]?.checksum !== checksum) {
      throw new CountersignError(
        'STORE_DAMAGED',
        `Migration ${version} of the store is not the one of this program: its checksum is ${checksum}.`,
      );
    }
    return version;
  });
}

function readMigrations(): readonly Migration[] {
  const folder = new URL('migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file, i) => {
      const [, number, name] = FILE_NAME.exec(file) ?? [];
      if (Number(number) !== i + 1) throw new Error(`Migration ${i + 1} is missing; ${file} came.`);
      const statements = readFileSync(new URL(file, folder), 'utf8');
      return { version: i + 1, name: name!, statements, checksum: sha256(statements) };
    });
}
