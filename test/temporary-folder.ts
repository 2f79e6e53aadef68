import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A folder for one test, removed after it.
 *
 * @param files - paths below the folder and what they hold; a list of paths makes files that hold their own names
 * @returns its absolute path
 */
export async function temporaryFolder(
  files: Readonly<Record<string, string | Uint8Array>> | readonly string[] = [],
): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'countersign-test-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const contents = Array.isArray(files) ? files.map((name) => [name, name] as const) : Object.entries(files);
  for (const [name, content] of contents) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
  return root;
}
