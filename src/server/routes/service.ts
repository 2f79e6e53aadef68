/** The service itself. */
import { CountersignError } from '../../core/errors.js';
import { requireActiveModel } from '../../store/active-model.js';
import { VERSION } from '../../version.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

export function serviceRoutes(add: AddOperation, { store, inference, metrics, config, closing }: ServiceContext): void {
  add('health', () => ({ status: 'ok' as const, version: VERSION }));

  add('ready', async () => {
    if (closing.aborted) throw new CountersignError('CLOSING', 'The service is ending.');
    const { modelId, pool } = inference.embedder;
    if (pool.working === 0) {
      throw new CountersignError('WORKER_FAILED', 'No thread that runs the network is left; start the service anew.');
    }
    await requireActiveModel(store.database.orm, modelId);
    return { status: 'ready' as const, modelId };
  });

  add('metrics', async () => {
    if (!config.metrics) throw new CountersignError('ROUTE_NOT_FOUND', 'The configuration keeps the figures back.');
    return { contentType: metrics.registry.contentType, content: await metrics.registry.metrics() };
  });

  add('me', ({ caller }) => {
    const { keyId, name, actor, roles, expiresAt } = caller!;
    return { id: keyId, name, actor, roles, expiresAt };
  });
}
