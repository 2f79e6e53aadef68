/** A room of src/ imports only from the rooms before it, and what the page imports runs in a browser. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOMS = [
  'core',
  'image',
  'data',
  'nn',
  'runtime',
  'metric',
  'evaluate',
  'train',
  'verify',
  'policy',
  'store',
  'enrol',
  'decide',
  'api',
  'jobs',
  'server',
  'cli',
  'web',
];
/** Composition roots and facts of the package, outside the rooms. */
const OUTSIDE = ['index.ts', 'version.ts'];
const SRC = 'src';

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file),
);
/** Static ones, and modules loaded later or named as a job: `await import('...')`, `import('...')` in a type. */
const IMPORT = /^(?:import|export)\s[^;]*?from '([^']+)';|\bimport\('([^']+)'\)/gms;
const imports = (file: string) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(IMPORT)].map(([, from, later]) => (from ?? later)!);
/** Those that are left when types are gone. */
const loaded = (file: string) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(IMPORT)]
    .filter(([statement]) => !/^(?:import|export) type\b/.test(statement))
    .map(([, from, later]) => (from ?? later)!);
/** Packages that the page may load: each runs in a browser. */
const OF_BROWSERS = ['@bufbuild/protobuf', '@preact/signals', 'onnxruntime-web', 'preact', 'signature_pad', 'zod'];

describe('rooms', () => {
  it.each(files.filter((file) => !OUTSIDE.includes(file)))('%s imports only from rooms before its own', (file) => {
    const room = ROOMS.indexOf(file.split('/')[0]!);
    expect(room, `${file} lies in no room`).toBeGreaterThanOrEqual(0);
    for (const from of imports(file).filter((path) => path.startsWith('.'))) {
      const target = relative('', join(dirname(file), from));
      if (target === 'version.js') continue;
      expect(ROOMS.indexOf(target.split('/')[0]!), `${file} imports ${target}`).toBeLessThanOrEqual(room);
    }
  });

  it('only runtime/ imports ONNX Runtime, and web/local/ the one for browsers', () => {
    for (const file of files) {
      const ours = imports(file).filter((from) => from.startsWith('onnxruntime'));
      if (file.startsWith('runtime/')) continue;
      expect(ours.filter((from) => !(file.startsWith('web/local/') && from.startsWith('onnxruntime-web')))).toEqual([]);
    }
  });

  it('what the page loads runs in a browser', () => {
    const open = files.filter((file) => file.startsWith('web/') && file !== 'web/vite.config.ts');
    const seen = new Set(open);
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const from of loaded(file).filter((path) => !/\.(css|svg)(\?.*)?$/.test(path))) {
        if (!from.startsWith('.')) {
          const known = OF_BROWSERS.some((name) => from === name || from.startsWith(`${name}/`));
          expect(known, `${file} loads ${from}, which is not known to run in a browser`).toBe(true);
          continue;
        }
        const path = relative('', join(dirname(file), from)).replace(/\.js$/, '');
        const target = [`${path}.ts`, `${path}.tsx`].find((candidate) => existsSync(join(SRC, candidate)));
        expect(target, `${file} loads ${from}`).toBeDefined();
        if (!seen.has(target!)) open.push(target!);
        seen.add(target!);
      }
    }
    expect(seen).toContain('image/prepare-decoded.ts'); // it has looked beyond web/
  });

  it('only store/ imports a database', () => {
    for (const file of files) {
      if (file.startsWith('store/')) continue;
      expect(imports(file).filter((from) => /^(pg$|drizzle-orm|@electric-sql)/.test(from))).toEqual([]);
    }
  });

  it('only a worker opens a session: running one blocks the thread', () => {
    const users = files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('openSession('));
    expect(users).toEqual(['runtime/session.ts', 'runtime/worker.ts']);
  });

  it('only cli, and the page, read the clock or draw unseeded numbers', () => {
    for (const file of files) {
      if (/^(cli|web)\//.test(file)) continue;
      expect(readFileSync(join(SRC, file), 'utf8'), file).not.toMatch(/Math\.random|Date\.now/);
    }
  });
});
