/**
 * Makes an embedded commit last: as it comes, PGlite runs with fsync off, and its files' fsync does nothing. This one
 * flushes where PostgreSQL asks for it; the write-ahead log before a commit is acknowledged, pages before the log is cut.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { type PGlite, PGlite as PGliteClass } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** Start parameters that make PostgreSQL ask: fsync on, by the system call that the files below answer. */
export const FLUSHED_START_PARAMS: readonly string[] = [
  ...PGliteClass.defaultStartParams.filter((param) => param !== '-F'),
  ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync', '-c', 'synchronous_commit=on'],
  ...['-c', 'wal_recycle=off'], // a log file that is done with is removed, so that what was erased is not in it
];

interface OpenFile {
  readonly nfd?: number;
  readonly node: unknown;
}

/** What is used of Emscripten's NODEFS. */
interface HostFiles {
  readonly stream_ops: { fsync?: (stream: OpenFile) => number };
  realPath(node: unknown): string;
}

type InitOptions = Parameters<NodeFS['init']>[1];

export class FlushedNodeFS extends NodeFS {
  override async init(pg: PGlite, options: InitOptions): ReturnType<NodeFS['init']> {
    const flushing: NonNullable<InitOptions['preRun']>[number] = (module) => {
      const host = module.FS.filesystems.NODEFS as unknown as HostFiles;
      host.stream_ops.fsync = ({ nfd, node }) => {
        if (nfd !== undefined) fsyncSync(nfd);
        else flushFolder(host.realPath(node));
        return 0;
      };
    };
    return super.init(pg, { ...options, preRun: [...(options.preRun ?? []), flushing] });
  }
}

/** So that files that were created, renamed or removed in it stay so. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return; // folders cannot be opened there; its file system keeps their order
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
