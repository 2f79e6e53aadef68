import type { Context } from 'hono';
import type { ServiceConfig } from './config.js';
import type { Environment } from './environment.js';

/**
 * Who is at the other end. Each proxy in front appends to X-Forwarded-For whom it was called by, so what the outermost of
 * ours wrote is the last but `proxies`; what a client wrote itself lies before it.
 */
export function clientAddress(c: Context<Environment>, { proxies }: Pick<ServiceConfig, 'proxies'>): string {
  const forwarded = proxies === 0 ? [] : (c.req.header('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
  return forwarded.at(-proxies) || (c.env.incoming.socket.remoteAddress ?? 'unknown');
}
