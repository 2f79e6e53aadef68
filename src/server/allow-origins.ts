/** Pages of other origins that may call the service. Off unless it is configured. */
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { ServiceConfig } from './config.js';
import type { Environment } from './environment.js';

export function allowOrigins({ cors: origin }: Pick<ServiceConfig, 'cors'>): MiddlewareHandler<Environment> {
  return cors({
    origin: [...origin],
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
    exposeHeaders: ['idempotent-replayed', 'retry-after', 'x-request-id'],
    maxAge: 600,
  });
}
