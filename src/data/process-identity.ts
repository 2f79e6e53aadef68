/** Which process holds something: one that cannot be taken for another that has its number later. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

export const processIdentitySchema = z.strictObject({
  pid: z.int().positive(),
  host: z.string(),
  /** Tells hosts of one name apart, where the system has it. */
  machine: z.string(),
  /** Changes when the host starts anew: no process of an earlier boot lives. */
  boot: z.string(),
  /** Process numbers are those of this namespace; containers have their own. */
  namespace: z.string(),
  /** When the process started, in the system's own notation. */
  started: z.string(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    host: hostname(),
    machine: unlessMissing(() => readFileSync('/etc/machine-id', 'utf8').trim()),
    boot: unlessMissing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: unlessMissing(() => readlinkSync('/proc/self/ns/pid')),
    started: startOf(process.pid),
  };
}

/** `unknown`: of another host or container, of which nothing can be said from here. */
export function stateOf(process: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const own = ownIdentity();
  if (process.host !== own.host || process.machine !== own.machine) return 'unknown';
  if (process.boot !== own.boot) return 'dead';
  if (process.namespace !== own.namespace) return 'unknown';
  if (!exists(process.pid)) return 'dead';
  const started = startOf(process.pid);
  return started === process.started || started === '' || process.started === '' ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** @returns '' where the system does not tell */
function startOf(pid: number): string {
  const stat = unlessMissing(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (stat !== '') {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // behind the name, which may hold spaces
    return fields[0] === 'Z' ? 'ended' : fields[19]!; // ticks since the boot
  }
  return unlessMissing(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim());
}

function unlessMissing(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
