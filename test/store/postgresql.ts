/** A PostgreSQL cluster in a folder of its own, on a socket that nobody else sees; gone when the tests end. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';

export interface Cluster {
  /** @returns the URL of a new database */
  createDatabase(): Promise<string>;
  /** The server goes away, and comes back with what it held. */
  halt(): void;
  resume(): void;
  stop(): void;
}

const DEBIAN = '/usr/lib/postgresql';

export function startCluster(): Cluster {
  const bin = findPrograms();
  const folder = mkdtempSync(path.join(tmpdir(), 'csg-pg-')); // short: it goes into the name of a socket
  const user = unprivilegedUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  const run = (program: string, args: readonly string[]) =>
    execFileSync(path.join(bin, program), args, { ...user, cwd: folder, stdio: 'ignore' });
  run('initdb', [
    '--no-sync', // the machine itself stays up
    '--pgdata',
    data,
    '--username',
    'countersign',
    '--auth',
    'trust',
    '--encoding',
    'UTF8',
    '--no-locale',
  ]);
  const options = `-c fsync=off -c full_page_writes=off -c listen_addresses='' -c unix_socket_directories='${folder}'`;
  const begin = ['start', '--wait', '--pgdata', data, '--log', path.join(folder, 'log'), '--options', options];
  run('pg_ctl', begin);
  const urlOf = (name: string) => `postgresql://countersign@/${name}?host=${encodeURIComponent(folder)}`;
  let databases = 0;
  return {
    async createDatabase() {
      const name = `store${++databases}`;
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return urlOf(name);
    },
    halt: () => run('pg_ctl', ['stop', '--wait', '--pgdata', data, '--mode', 'fast']),
    resume: () => run('pg_ctl', begin),
    stop() {
      run('pg_ctl', ['stop', '--wait', '--pgdata', data, '--mode', 'immediate']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findPrograms(): string {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => path.join(DEBIAN, version, 'bin')) : [];
  const folder = [...debian, ...process.env.PATH!.split(path.delimiter)].find((bin) =>
    existsSync(path.join(bin, 'initdb')),
  );
  if (folder !== undefined) return folder;
  throw new Error('These tests need PostgreSQL 15 or later: `apt-get install postgresql`, or put its initdb on PATH.');
}

/** The server refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
