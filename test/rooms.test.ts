/** A room of src/ imports only from the rooms before it, and only runtime/ knows ONNX Runtime. */
import { readdirSync, readFileSync } from 'node:fs';
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
];
/** Composition roots and facts of the package, outside the rooms. */
const OUTSIDE = ['index.ts', 'version.ts'];
const SRC = 'src';

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
);
/** Static ones, and modules loaded later or named as a job: `await import('...')`, `import('...')` in a type. */
const IMPORT = /^(?:import|export)\s[^;]*?from '([^']+)';|\bimport\('([^']+)'\)/gms;
const imports = (file: string) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(IMPORT)].map(([, from, later]) => (from ?? later)!);

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

  it('only runtime/ imports ONNX Runtime', () => {
    for (const file of files) {
      if (file.startsWith('runtime/')) continue;
      expect(imports(file).filter((from) => from.startsWith('onnxruntime'))).toEqual([]);
    }
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

  it('only cli reads the clock or draws unseeded numbers', () => {
    for (const file of files) {
      if (file.startsWith('cli/')) continue;
      expect(readFileSync(join(SRC, file), 'utf8'), file).not.toMatch(/Math\.random|Date\.now/);
    }
  });
});
