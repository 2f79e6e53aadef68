/** What the command line prints: results on stdout, progress and errors on stderr. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CountersignError } from '../core/errors.js';

export function printResult(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  printResult(JSON.stringify(value, null, 2));
}

/** Results of any length, as fast as they are read. */
export async function printLines(lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(lines), process.stdout, { end: false });
}

export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A counter on one line where a person looks, a line now and then in a log. */
export class ProgressLine {
  #last = 0;
  readonly #interactive = process.stderr.isTTY === true;
  readonly #intervalMs = this.#interactive ? 100 : 10_000;

  /** Shows the text unless one was shown a moment ago. */
  update(text: () => string, force = false): void {
    const now = performance.now();
    if (!force && now - this.#last < this.#intervalMs) return;
    this.#last = now;
    process.stderr.write(this.#interactive ? `\r\u001b[K${text()}` : `${text()}\n`);
  }

  /** Removes the line, before something else is printed. */
  clear(): void {
    if (this.#interactive) process.stderr.write('\r\u001b[K');
  }
}

/** Exit code of a command whose reader went away: 128 + SIGPIPE, as a shell says it. */
const READER_GONE = 141;

/** A reader that stops early (`countersign ... | head -1`) ends the command without a word, and not as "reject". */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(READER_GONE);
    throw error;
  });
}

/** Prints one message with its code and hint. @returns the exit code */
export function printError(error: unknown, json: boolean): number {
  new ProgressLine().clear();
  if (!(error instanceof CountersignError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    printNote(`countersign: unexpected failure. This is a defect, please report it.\n${message}`);
    return 70;
  }
  if (json)
    printJson({ error: { code: error.code, message: error.message, hint: error.hint, details: error.details } });
  printNote(`countersign: ${error.message} [${error.code}]\n${error.hint}`);
  return error.exitCode;
}

/** 75 -> `1:15`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** 0.0612 -> `6.12 %`. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
