/**
 * What is sealed at rest: AES-256-GCM with a random nonce. The associated data name the row, so that a ciphertext
 * that was moved to another row does not open there.
 *
 *     version (1 byte, = 1) | key id (8) | nonce (12) | ciphertext | tag (16)
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { CountersignError } from '../core/errors.js';

export const KEY_BYTES = 32;
const VERSION = 1;
/** Behind the version, which is one byte. */
export const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

interface Key {
  /** Hexadecimal; tells nothing of the key. */
  readonly id: string;
  readonly secret: Buffer;
}

/** The keys of a store: the current one seals, all of them open. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Key>;
  readonly currentId: string;

  /** @param secrets - each of 32 bytes, the current one first */
  constructor(secrets: readonly [Buffer, ...Buffer[]]) {
    const keys = secrets.map((secret) => ({ id: derive(secret, 'key id', KEY_ID_BYTES).toString('hex'), secret }));
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.currentId = keys[0]!.id;
  }

  has(id: string): boolean {
    return this.#keys.has(id);
  }

  /** @param row - what the value belongs to, as `sealedRow` of `sealed-columns.ts` names it */
  seal(value: Uint8Array, row: string): Buffer {
    const { id, secret } = this.#key(this.currentId);
    const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(id, 'hex')]);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.concat([header, Buffer.from(row)]));
    return Buffer.concat([header, nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws CountersignError KEY_MISSING, DECRYPTION_FAILED */
  open(sealed: Uint8Array, row: string): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const failed = (reason: string, cause?: unknown) =>
      new CountersignError('DECRYPTION_FAILED', `${row} does not open: ${reason}.`, { cause, details: { row } });
    if (bytes.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) throw failed(`it has ${bytes.length} bytes`);
    if (bytes[0] !== VERSION) throw failed(`it is of format ${bytes[0]}, expected ${VERSION}`);
    const header = bytes.subarray(0, HEADER_BYTES);
    const nonce = bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
    const { secret } = this.#key(keyIdOf(bytes));
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.concat([header, Buffer.from(row)]))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw failed('it was altered, or sealed for another row', cause);
    }
  }

  /** HMAC-SHA-256 with a key derived from one of the store's, hexadecimal. */
  authenticate(text: string, keyId: string): string {
    return createHmac('sha256', derive(this.#key(keyId).secret, 'audit log', KEY_BYTES))
      .update(text)
      .digest('hex');
  }

  isAuthentic(text: string, keyId: string, code: string): boolean {
    const expected = Buffer.from(this.authenticate(text, keyId));
    const given = Buffer.from(code);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #key(id: string): Key {
    const key = this.#keys.get(id);
    if (key !== undefined) return key;
    throw new CountersignError('KEY_MISSING', `Key ${id} is needed; the keys given are ${[...this.#keys.keys()]}.`, {
      details: { keyId: id },
    });
  }
}

/** Which key sealed the value. */
export function keyIdOf(sealed: Uint8Array): string {
  return Buffer.from(sealed.subarray(1, HEADER_BYTES)).toString('hex');
}

function derive(secret: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `countersign ${purpose}`, bytes)); // RFC 5869
}
