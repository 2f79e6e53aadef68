/** Kills a process that works on a store, at a random moment, again and again. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Rng } from '../../src/core/rng.js';
import type { StoreLocation } from '../../src/store/location.js';

export interface CrashOptions {
  readonly kills: number;
  readonly rng: Rng;
  /** What the process has to have said before the last kill, however slow the machine. */
  readonly lastAfter?: RegExp;
}

export interface CrashOutcome {
  readonly kills: number;
  /** How many of these hit the process before it had said what it found: while the store was opening. */
  readonly killedOpening: number;
}

export interface WriterOutcome extends CrashOutcome {
  /** Writers that were acknowledged in all, and found again. */
  readonly acknowledged: number;
  /** Decisions, as well. */
  readonly decisions: number;
  /** Moves of the store to another model, as well. */
  readonly moves: number;
  readonly backupWritten: boolean;
}

/** The longest that a process works before it is killed. */
const LONGEST_MS = 700;
/** Of kills, the share that comes at any moment until it works, as long as that took the last time. */
const EARLY_SHARE = 0.25;

/**
 * Enrolment, decisions, re-embedding, backup.
 *
 * @throws Error where something that was acknowledged is gone, or the store does not open as whole
 */
export async function crashWriter(
  location: StoreLocation,
  env: NodeJS.ProcessEnv,
  { backupFile, ...options }: CrashOptions & { readonly backupFile: string },
): Promise<WriterOutcome> {
  let acknowledged = 0;
  let decided = 0;
  let active = 1;
  const args = ['test/store/writer.mjs', JSON.stringify(location), backupFile];
  const untilDecided = { ...options, lastAfter: /^decided .*\n/m };
  const outcome = await killRepeatedly(args, env, untilDecided, (lines, kill) => {
    const [has] = numbers(lines, 'has');
    const [made] = numbers(lines, 'decisions');
    const [found, ...moves] = numbers(lines, 'active');
    requireKept(kill, 'writers', acknowledged, has!);
    requireKept(kill, 'decisions', decided, made!);
    requireKept(kill, 'active models in a row', active, found!);
    acknowledged = Math.max(has!, ...numbers(lines, 'enrolled'));
    decided = Math.max(made!, ...numbers(lines, 'decided'));
    active = Math.max(found!, ...moves);
  });
  return { ...outcome, acknowledged, decisions: decided, moves: active - 1, backupWritten: existsSync(backupFile) };
}

/** One more may be there: committed, and killed before it could be said. */
function requireKept(kill: number, what: string, acknowledged: number, found: number): void {
  if (found === acknowledged || found === acknowledged + 1) return;
  throw new Error(`Kill ${kill}: of ${what}, ${acknowledged} were acknowledged, ${found} are there.`);
}

/** Migration from the first schema on. @returns how many were acknowledged */
export async function crashMigrator(
  location: StoreLocation,
  env: NodeJS.ProcessEnv,
  options: CrashOptions,
): Promise<CrashOutcome & { readonly migrations: number }> {
  let last: string | undefined;
  let migrations = 0;
  const args = ['test/store/migrator.mjs', JSON.stringify(location)];
  const outcome = await killRepeatedly(args, env, options, (lines, kill) => {
    // After `migrated` the next round begins, which removes everything before it is made anew.
    if ((last === 'old' || last === 'has kept') && !lines.includes('has kept'))
      throw new Error(`Kill ${kill}: the writer is gone.`);
    last = lines.at(-1);
    migrations += lines.filter((line) => line === 'migrated').length;
  });
  return { ...outcome, migrations };
}

const numbers = (lines: readonly string[], word: string) =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.slice(word.length + 1)));

const SAID_WHAT_IT_FOUND = /^has .*\n/m;

/** @param inspect - hears what each process said, unless it was killed while the store was opening */
async function killRepeatedly(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { kills, rng, lastAfter = SAID_WHAT_IT_FOUND }: CrashOptions,
  inspect: (lines: readonly string[], kill: number) => void,
): Promise<CrashOutcome> {
  let killedOpening = 0;
  let openingMs = 2500; // as it took the last time
  for (let kill = 0; kill <= kills; kill++) {
    const isLast = kill === kills; // it only says what it finds
    const isLastKill = kill === kills - 1;
    const early = !isLast && rng.uniform() < EARLY_SHARE && !isLastKill ? rng.uniform() * openingMs : undefined;
    const after = isLastKill ? lastAfter : SAID_WHAT_IT_FOUND;
    const run = await runUntilKilled(args, env, early, { after, ms: isLast ? 0 : rng.uniform() * LONGEST_MS });
    openingMs = run.openingMs ?? openingMs;
    if (run.openingMs !== undefined) inspect(run.lines, kill);
    else killedOpening++;
  }
  return { kills, killedOpening };
}

interface Run {
  /** That it wrote. */
  readonly lines: readonly string[];
  /** Undefined where it was killed before it had said what it found. */
  readonly openingMs: number | undefined;
}

function runUntilKilled(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  earlyMs: number | undefined,
  working: { readonly after: RegExp; readonly ms: number },
): Promise<Run> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let problems = '';
  let openingMs: number | undefined;
  const started = performance.now();
  let timer = earlyMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), earlyMs);
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (SAID_WHAT_IT_FOUND.test(text)) openingMs ??= performance.now() - started;
    if (working.after.test(text)) timer ??= setTimeout(() => child.kill('SIGKILL'), working.ms);
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    problems += piece;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL') resolve({ lines: text.split('\n').slice(0, -1), openingMs });
      else reject(new Error(`${args[0]} ended by itself: ${problems.slice(0, 2000)}`));
    });
  });
}
