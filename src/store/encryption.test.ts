import { createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyRing, keyIdOf } from './encryption.js';

const secret = randomBytes(32);
const ring = new KeyRing([secret]);

describe('KeyRing', () => {
  it('seals so that plain AES-256-GCM opens it, with header and row as associated data', () => {
    const sealed = ring.seal(Buffer.from('signature'), 'row/1');
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(9, 21));
    decipher.setAAD(Buffer.concat([sealed.subarray(0, 9), Buffer.from('row/1')]));
    decipher.setAuthTag(sealed.subarray(-16));
    const opened = Buffer.concat([decipher.update(sealed.subarray(21, -16)), decipher.final()]);
    expect(opened.toString()).toBe('signature');
    expect(ring.open(sealed, 'row/1').toString()).toBe('signature');
    expect(sealed.length).toBe(1 + 8 + 12 + 'signature'.length + 16);
  });

  it('seals the same twice in two ways', () => {
    expect(ring.seal(secret, 'row').equals(ring.seal(secret, 'row'))).toBe(false);
  });

  it('opens nothing that was altered in any byte, cut, or moved to another row', () => {
    const sealed = ring.seal(Buffer.from('signature'), 'row/1');
    for (let i = 0; i < sealed.length; i++) {
      const altered = Buffer.from(sealed);
      altered[i]! ^= 1;
      expect(() => ring.open(altered, 'row/1'), `byte ${i}`).toThrow(/does not open|is needed/);
      expect(() => ring.open(sealed.subarray(0, i), 'row/1'), `${i} bytes`).toThrow(/does not open/);
    }
    expect(() => ring.open(sealed, 'row/2')).toThrow(expect.objectContaining({ code: 'DECRYPTION_FAILED' }));
  });

  it('opens with older keys, seals with the current one', () => {
    const rotated = new KeyRing([randomBytes(32), secret]);
    const old = ring.seal(Buffer.from('a'), 'row');
    expect(rotated.open(old, 'row').toString()).toBe('a');
    const fresh = rotated.seal(Buffer.from('a'), 'row');
    expect(keyIdOf(fresh)).toBe(rotated.currentId);
    expect(() => ring.open(fresh, 'row')).toThrow(expect.objectContaining({ code: 'KEY_MISSING' }));
  });
});
