/** Around every request: its id, one line in the log, and the figures. Never an image, a key, a query or a body. */
import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { OPERATIONS, type OperationName } from '../api/operations.js';
import type { ServiceContext } from './context.js';
import type { Environment } from './environment.js';

/** One that a caller gives is taken where it cannot break a line or fill a log. */
const SANE_ID = /^[\w.:-]{1,80}$/;

export function observe({ log, metrics }: Pick<ServiceContext, 'log' | 'metrics'>): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const started = performance.now();
    const given = c.req.header('x-request-id');
    const requestId = given !== undefined && SANE_ID.test(given) ? given : randomUUID();
    c.set('requestId', requestId);
    await next();
    c.header('x-request-id', requestId);
    const ms = performance.now() - started;
    const { method } = c.req;
    const operation = c.get('operation');
    const route = operation === undefined ? 'other' : OPERATIONS[operation as OperationName].path;
    const { status } = c.res;
    metrics.answered(method, route, status, ms / 1000);
    const line = { requestId, method, route, status, ms: Number(ms.toFixed(1)), keyId: c.get('keyId') };
    if (status >= 500) log.error({ ...line, err: c.error }, 'request');
    else log.info(line, 'request');
  };
}
