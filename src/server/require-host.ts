/**
 * The header Host, held against the names the service has. A page of another origin can make its own name lead to this
 * machine (DNS rebinding); the browser then lets it call the service, but sends that name.
 */
import type { MiddlewareHandler } from 'hono';
import { CountersignError } from '../core/errors.js';
import type { ServiceConfig } from './config.js';
import type { Environment } from './environment.js';

const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]'];

export function requireHost({ host, hosts }: Pick<ServiceConfig, 'host' | 'hosts'>): MiddlewareHandler<Environment> {
  const names = new Set(isLoopback(host) ? [...OWN_NAMES, ...hosts] : hosts);
  return async (c, next) => {
    const name = nameOf(c.req.header('host') ?? '');
    if (names.size > 0 && !names.has(name)) {
      const message = `Expected the host ${[...names].join(', ')}; another came.`;
      throw new CountersignError('HOST_FORBIDDEN', message);
    }
    await next();
  };
}

/** Whether only programs on this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Without the port. */
const nameOf = (host: string) => host.toLowerCase().replace(/:\d+$/, '');
