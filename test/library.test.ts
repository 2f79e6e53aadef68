/** The library as its page shows it: the example is run as it stands. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { genuine } from './server/signatures.js';
import { temporaryFolder } from './temporary-folder.js';

it('enrols a writer and decides, as docs/decisions.md shows it', async () => {
  const [, example] = /^### From a program\n+```ts\n([\s\S]*?)^```/m.exec(readFileSync('docs/decisions.md', 'utf8'))!;
  const library = pathToFileURL(path.resolve('dist/index.js')).href;
  const files = { 'a.png': 1, 'b.png': 2, 'c.png': 3, 'cheque.png': 9 };
  const images = Object.entries(files).map(async ([name, i]) => [name, await genuine(1, i)] as const);
  const folder = await temporaryFolder({
    ...Object.fromEntries(await Promise.all(images)),
    'example.mjs': example!.replace("from 'countersign'", `from '${library}'`),
  });
  const said = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8', env: {} }).split('\n');
  const promised = [...example!.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment!);
  const words = (line: string) => line.replace(/\d\.\d{3}/g, '…'); // the numbers are of the signatures at hand
  expect(said.slice(0, -1).map(words)).toEqual(promised.map(words));
}, 300_000);
