/** Keys of the service. */
import { createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from '../../store/api-keys.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

const HOUR_MS = 3_600_000;

export function keyRoutes(add: AddOperation, { store, guard }: ServiceContext): void {
  add('listKeys', async () => ({ items: await listApiKeys(store.database.orm) }));

  add('createKey', ({ body, by }) => createApiKey(store, body, by));

  add('rotateKey', async ({ params, body, by }) => {
    const rotated = await rotateApiKey(store, params.key, body.graceHours * HOUR_MS, by);
    guard.forget(params.key);
    return rotated;
  });

  add('revokeKey', async ({ params, by }) => {
    const revoked = await revokeApiKey(store, params.key, by);
    guard.forget(params.key);
    return revoked;
  });
}
