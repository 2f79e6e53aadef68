/** Runs the built command line as a process of its own, and says what a failure of it must look like. */
import { spawn } from 'node:child_process';
import { expect } from 'vitest';
import { ERROR_CATALOGUE, type ErrorCode } from '../src/core/errors.js';

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Writing more than this into any one file fails, as on a full disk. */
  readonly fileSizeLimitKiB?: number;
  /** Closes the pipe behind stdout at once, as `| true` does. */
  readonly withoutReader?: boolean;
  /** Beside what this process has. */
  readonly env?: NodeJS.ProcessEnv;
}

export async function countersign(
  args: readonly string[],
  { fileSizeLimitKiB, withoutReader = false, env }: RunOptions = {},
): Promise<Outcome> {
  const command = [process.execPath, 'dist/cli/main.js', ...args];
  const limited = ['bash', '-c', `trap '' XFSZ; ulimit -f ${fileSizeLimitKiB}; exec "$@"`, 'bash', ...command];
  const [program, ...rest] = fileSizeLimitKiB === undefined ? command : limited;
  const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  if (withoutReader) child.stdout.destroy();
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { exitCode, ...said };
}

/**
 * The command failed as a user should see it: the code's exit code, nothing on stdout, and at the end of stderr one
 * message with its code, then the hint; no stack trace.
 *
 * @returns the message
 */
export function expectFailure({ exitCode, stdout, stderr }: Outcome, code: ErrorCode, expectedExit: number): string {
  const { hint } = ERROR_CATALOGUE[code];
  const messages = stderr.split('\n').filter((line) => line.startsWith('countersign: '));
  expect(messages, stderr).toHaveLength(1);
  expect(stderr.endsWith(`[${code}]\n${hint}\n`), stderr).toBe(true);
  expect(stderr).not.toMatch(/^\s+at |node:internal|unexpected failure/m);
  expect(stdout).toBe('');
  expect(exitCode).toBe(expectedExit);
  return messages[0]!;
}
