/** The databases that a store runs on, each with new empty stores for the tests. */
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { sha256 } from '../../src/data/content-hash.js';
import { openDatabase } from '../../src/store/database.js';
import type { StoreLocation } from '../../src/store/location.js';
import { MIGRATIONS } from '../../src/store/migrate.js';
import { startCluster } from './postgresql.js';

export interface Backend {
  readonly hasVectors: boolean;
  /** At once: PGlite has one session, whatever its socket lets in. */
  readonly connections: number;
  createStore(): Promise<StoreLocation>;
  stop(): Promise<void>;
}

export const BACKENDS: Readonly<Record<string, () => Promise<Backend>>> = {
  'PGlite in a folder': startFolders,
  PostgreSQL: startServer,
};

/** And PostgreSQL's driver on a database that has vectors, which Debian's has not. */
export const BACKENDS_WITH_VECTORS: typeof BACKENDS = { ...BACKENDS, 'PGlite behind a socket': startSocket };

/** An environment with a key of its own and nothing else. */
export const environment = (): NodeJS.ProcessEnv => ({ COUNTERSIGN_KEY: newKey() });

export const newKey = () => randomBytes(32).toString('base64url');

export async function startFolders(): Promise<Backend> {
  const template = await emptyStore();
  const root = mkdtempSync(path.resolve('out', 'stores-')); // beside it: links do not lead to another file system
  let stores = 0;
  return {
    hasVectors: true,
    connections: 1,
    async createStore() {
      const folder = path.join(root, `store${++stores}`);
      copyStore(template, folder);
      return { kind: 'folder', folder };
    },
    stop: async () => rmSync(root, { recursive: true, force: true }),
  };
}

/**
 * A store in which nothing is yet, kept for all tests of this schema: it would be made anew for each file of tests, for
 * seconds each.
 */
async function emptyStore(): Promise<string> {
  const { version } = JSON.parse(readFileSync('node_modules/@electric-sql/pglite/package.json', 'utf8'));
  const schema = sha256(MIGRATIONS.map(({ checksum }) => checksum).join()).slice(0, 12);
  const folder = path.resolve('out', 'empty-stores', `${version}-${schema}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}-${randomBytes(4).toString('hex')}`;
  mkdirSync(path.dirname(folder), { recursive: true });
  await (await openDatabase({ kind: 'folder', folder: unfinished })).close();
  try {
    renameSync(unfinished, folder);
  } catch {
    rmSync(unfinished, { recursive: true }); // the tests of another file were quicker
  }
  return folder;
}

/** Databases that PostgreSQL copies others from and opens for nothing else: two thirds of the files of an empty store. */
const NEVER_WRITTEN = ['1', '4'].map((database) => path.join('database', 'base', database));

function copyStore(from: string, to: string): void {
  const neverWritten = NEVER_WRITTEN.map((folder) => path.join(from, folder));
  cpSync(from, to, { recursive: true, filter: (source) => !neverWritten.includes(path.dirname(source)) });
  for (const folder of NEVER_WRITTEN) {
    for (const name of readdirSync(path.join(from, folder)))
      linkSync(path.join(from, folder, name), path.join(to, folder, name));
  }
}

async function startSocket(): Promise<Backend> {
  const db = await PGlite.create({ extensions: { vector } });
  const folder = mkdtempSync(path.join(tmpdir(), 'csg-socket-'));
  const socket = path.join(folder, '.s.PGSQL.5432');
  const server = new PGLiteSocketServer({ db, path: socket, maxConnections: 10 }); // one that ends overlaps with the next
  await server.start();
  return {
    hasVectors: true,
    connections: 1,
    async createStore() {
      await db.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      return { kind: 'server', url: `postgresql://postgres@/postgres?host=${encodeURIComponent(folder)}` };
    },
    async stop() {
      await server.stop();
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startServer(): Promise<Backend> {
  const cluster = startCluster();
  return {
    hasVectors: false, // Debian's own package has no pgvector
    connections: 10,
    createStore: async () => ({ kind: 'server', url: await cluster.createDatabase() }),
    stop: async () => cluster.stop(),
  };
}
