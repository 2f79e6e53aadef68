/** The typed client, as a program uses it, against the running service. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient, ServiceError } from '../../src/api/client.js';
import { useService } from './running-service.js';
import { base64, genuine } from './signatures.js';

describe('the client', () => {
  const service = useService();
  let client: Client;
  let image: Buffer;
  beforeAll(async () => {
    client = createClient({ baseUrl: `${service().url}/`, key: service().keys.admin });
    image = await genuine(1, 1);
  });

  it('sends an image as a Blob, bytes or base64, and gives the answer with its type', async () => {
    const [blob, bytes, text] = await Promise.all(
      [new Blob([image]), new Uint8Array(image), base64(image)].map((questioned) =>
        client.compare({ body: { references: [image], questioned } }),
      ),
    );
    const decision: 'accept' | 'review' | 'reject' | 'inconclusive' = blob!.decision;
    expect(decision).toBe('accept');
    for (const answer of [blob, bytes, text]) expect(answer).toMatchObject({ distance: 0, referenceCount: 1 });
  });

  it('gives a file as a Blob', async () => {
    const png = await client.clean({ body: { image } });
    expect(png.type).toBe('image/png');
    expect([...new Uint8Array(await png.slice(1, 4).arrayBuffer())]).toEqual([...Buffer.from('PNG')]);
  });

  it('fills paths, and leaves out what need not be given', async () => {
    expect((await client.health()).status).toBe('ok');
    const name = `till ${randomUUID()}`;
    const made = await client.createKey({ body: { roles: ['verify'], name, expiresAt: '2027-01-31' } });
    expect(made).toMatchObject({ name, expiresAt: '2027-01-31T00:00:00.000Z' });
    const rotated = await client.rotateKey({ params: { key: made.id } });
    expect(rotated.key).not.toBe(made.key);
    expect((await client.listKeys()).items.map(({ id }) => id)).toContain(made.id);
  });

  it('throws what the service refuses, with code, hint and status', async () => {
    const refused = await client.embed({ body: { image: new Uint8Array([1, 2, 3]) } }).catch((error) => error);
    expect(refused).toBeInstanceOf(ServiceError);
    expect(refused).toMatchObject({ code: 'IMAGE_UNDECODABLE', status: 422, hint: expect.stringContaining('PNG') });
    const stranger = createClient({ baseUrl: service().url });
    await expect(stranger.me()).rejects.toMatchObject({ code: 'KEY_REQUIRED', status: 401 });
  });

  it('takes nothing but the list of operations into a bundle', () => {
    const importsOf = (file: string) =>
      [...readFileSync(`dist/api/${file}`, 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from);
    expect(importsOf('client.js')).toEqual(['./operations.js']);
    expect(importsOf('operations.js')).toEqual([]);
  });

  it('ends what it asks when it is told to', async () => {
    const asked = client.embed({ body: { image } }, { signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});
