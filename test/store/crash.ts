/** Kills a process that writes to a store, at a random moment, again and again. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Rng } from '../../src/core/rng.js';
import type { StoreLocation } from '../../src/store/location.js';

export interface CrashOutcome {
  /** Rows that were acknowledged in all, and found again. */
  readonly acknowledged: number;
  readonly kills: number;
  /** How many of these hit the writer before it had said what it found: while the store was opening. */
  readonly killedOpening: number;
  readonly backupWritten: boolean;
}

/** The longest that a writer writes before it is killed. */
const LONGEST_MS = 1000;
/** Of kills, the share that comes at any moment since the start instead of while it writes. */
const EARLY_SHARE = 0.25;
const LONGEST_EARLY_MS = 2500;

/** @throws Error where a row that was acknowledged is gone, or the store does not open as whole */
export async function crashRepeatedly(
  location: StoreLocation,
  env: NodeJS.ProcessEnv,
  { kills, rng, backupFile }: { kills: number; rng: Rng; backupFile: string },
): Promise<CrashOutcome> {
  let acknowledged = 0;
  let killedOpening = 0;
  for (let kill = 0; kill <= kills; kill++) {
    const isLast = kill === kills; // it only says what it finds
    const early = !isLast && rng.uniform() < EARLY_SHARE ? rng.uniform() * LONGEST_EARLY_MS : undefined;
    const lines = await runUntilKilled(location, env, backupFile, early, isLast ? 0 : rng.uniform() * LONGEST_MS);
    const found = lines.find((line) => line.startsWith('has '));
    if (found === undefined) {
      killedOpening++;
      continue;
    }
    // One more may be there: committed, and killed before it could be said.
    const rows = Number(found.slice(4));
    if (rows < acknowledged || rows > acknowledged + 1) {
      throw new Error(`Kill ${kill}: ${acknowledged} rows were acknowledged, ${rows} are there.`);
    }
    acknowledged = rows;
    for (const line of lines) if (line.startsWith('acknowledged ')) acknowledged = Number(line.slice(13));
  }
  return { acknowledged, kills, killedOpening, backupWritten: existsSync(backupFile) };
}

/** @returns the lines that it wrote */
function runUntilKilled(
  location: StoreLocation,
  env: NodeJS.ProcessEnv,
  backupFile: string,
  earlyMs: number | undefined,
  writingMs: number,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['test/store/writer.mjs', JSON.stringify(location), backupFile], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let problems = '';
  let timer = earlyMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), earlyMs);
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (timer === undefined && text.includes('\n')) timer = setTimeout(() => child.kill('SIGKILL'), writingMs);
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    problems += piece;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve(text.split('\n').slice(0, -1));
      else reject(new Error(`The writer ended by itself: ${problems.slice(0, 2000)}`));
    });
  });
}
