import { describe, expect, it } from 'vitest';
import { keyFileOf, resolveLocation } from './location.js';

const env = { XDG_DATA_HOME: '/data', DATABASE_URL: 'postgresql://host/db', COUNTERSIGN_STORE: '/named' };

describe('the place of a store', () => {
  it('is the folder asked for, the server, the folder named, or the data folder, in this order', () => {
    expect(resolveLocation('/asked', env)).toEqual({ kind: 'folder', folder: '/asked' });
    expect(resolveLocation(undefined, env)).toEqual({ kind: 'server', url: 'postgresql://host/db' });
    const { DATABASE_URL: _, ...folders } = env;
    expect(resolveLocation(undefined, folders)).toEqual({ kind: 'folder', folder: '/named' });
    expect(resolveLocation(undefined, { XDG_DATA_HOME: '/data' })).toEqual({
      kind: 'folder',
      folder: '/data/countersign/store',
    });
    expect(resolveLocation(undefined, { DATABASE_URL: '', COUNTERSIGN_STORE: '', XDG_DATA_HOME: '' })).toEqual({
      kind: 'folder',
      folder: expect.stringMatching(/\.local\/share\/countersign\/store$/),
    });
  });

  it('is no database of another kind', () => {
    expect(() => resolveLocation(undefined, { DATABASE_URL: 'mysql://user:secret@host/db' })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.not.stringContaining('secret') }),
    );
  });

  it('has its key beside it, not in it', () => {
    expect(keyFileOf({ kind: 'folder', folder: '/a/store' }, env)).toBe('/a/store.key');
    expect(keyFileOf({ kind: 'server', url: 'postgresql://host/db' }, env)).toBe('/data/countersign/store.key');
  });
});
