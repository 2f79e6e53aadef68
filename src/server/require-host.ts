/**
 * The header Host, held against the names the service has. A page of another origin can make its own name lead to this
 * machine (DNS rebinding); the browser then lets it call the service, but sends that name.
 */
import type { MiddlewareHandler } from 'hono';
import { OPERATIONS } from '../api/operations.js';
import { CountersignError } from '../core/errors.js';
import type { ServiceConfig } from './config.js';
import type { Environment } from './environment.js';

const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** Whoever looks after the process calls it by its bare address, and learns nothing of anybody. */
const PROBES: ReadonlySet<string> = new Set([OPERATIONS.health.path, OPERATIONS.ready.path]);

export function requireHost({ host, hosts }: Pick<ServiceConfig, 'host' | 'hosts'>): MiddlewareHandler<Environment> {
  const own = isLoopback(host) ? [...OWN_NAMES, host] : [];
  const names = new Set([...own, ...hosts].map((name) => name.toLowerCase()));
  return async (c, next) => {
    const name = nameOf(c.req.header('host') ?? '');
    if (names.size > 0 && !names.has(name) && !PROBES.has(c.req.path)) {
      const message = `Expected the host ${[...names].join(', ')}; another came.`;
      throw new CountersignError('HOST_FORBIDDEN', message);
    }
    await next();
  };
}

/** Whether nobody but this machine is meant to reach the service: no proxy stands before it, and it goes by no other name. */
export function isForThisMachine({ host, proxies, hosts }: Pick<ServiceConfig, 'host' | 'proxies' | 'hosts'>): boolean {
  return isLoopback(host) && proxies === 0 && hosts.length === 0;
}

/** Whether only programs on this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Without the port. */
const nameOf = (host: string) => host.toLowerCase().replace(/:\d+$/, '');
