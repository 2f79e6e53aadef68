/** A service on a free port with a store of its own, keys of each role, and a way to ask that checks every answer. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect } from 'vitest';
import type { z } from 'zod';
import { OPERATIONS, type OperationName, ROLES, type Role } from '../../src/api/operations.js';
import { problemDocument } from '../../src/api/schemas/common.js';
import type { OperationSchemas } from '../../src/api/schemas/operation-schemas.js';
import { type AnswerOf, SCHEMAS } from '../../src/api/schemas.js';
import type { ErrorCode } from '../../src/core/errors.js';
import { type Jobs, openJobs } from '../../src/jobs/jobs.js';
import { type ModelEmbedder, openEmbedder } from '../../src/runtime/model-embedder.js';
import { type ServiceConfig, serviceConfigSchema } from '../../src/server/config.js';
import { startService } from '../../src/server/service.js';
import { createApiKey } from '../../src/store/api-keys.js';
import { openStore, type Store } from '../../src/store/store.js';
import { PACKAGE_MODELS } from '../../src/verify/package-models.js';
import { type Backend, environment, startFolders } from '../store/backends.js';

export interface TestService {
  readonly url: string;
  readonly store: Store;
  readonly config: ServiceConfig;
  readonly embedder: ModelEmbedder;
  /** Nothing is done of it unless a test says so. */
  readonly jobs: Jobs;
  /** A key of each role, each under the name of its role. */
  readonly keys: Readonly<Record<Role, string>>;
  /** What was logged so far, a line each. */
  readonly logged: string[];
  /** What time it is for the service. */
  now: Date;
  /** @returns the answer, held against its schema. @throws where it is an error */
  ask<Name extends OperationName>(name: Name, request?: TestRequest): Promise<AnswerOf<Name>>;
  /** The answer has this code, and the shape of a problem. */
  refused(name: OperationName, request: TestRequest, code: ErrorCode): Promise<z.output<typeof problemDocument>>;
  /** As it comes. */
  fetch(name: OperationName, request?: TestRequest): Promise<Response>;
  /** The service ends; store and network stay open. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface TestRequest {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** JSON, or a form as it is. */
  readonly body?: object;
  /** Of a role, any other key, or none: null. The default is the admin's. */
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestServiceOptions {
  readonly config?: z.input<typeof serviceConfigSchema>;
  /** The default is the model of the package, on one thread. */
  readonly embedder?: ModelEmbedder;
  readonly backend?: Backend;
  /** In place of `now`. */
  readonly clock?: () => Date;
}

export const AT = new Date('2026-03-29T12:00:00.000Z');

/** One for all tests of a `describe`, or of a file. */
export function useService(options: TestServiceOptions = {}): () => TestService {
  let backend: Backend;
  let service: TestService;
  beforeAll(async () => {
    backend = options.backend ?? (await startFolders());
    service = await startTestService(backend, options);
  }, 300_000);
  afterAll(async () => {
    await service?.close();
    await backend?.stop();
  }, 180_000);
  return () => service;
}

export async function startTestService(backend: Backend, options: TestServiceOptions = {}): Promise<TestService> {
  const timeouts = { answerMs: 120_000, ...options.config?.timeouts };
  const config = serviceConfigSchema.parse({ port: 0, workers: 1, ...options.config, timeouts });
  const store = await openStore(await backend.createStore(), environment(), { connections: backend.connections });
  const embedder = options.embedder ?? (await openEmbedder(PACKAGE_MODELS.default, { workers: config.workers }));
  const keys = {} as Record<Role, string>;
  for (const role of ROLES) {
    const named = { name: role, roles: [role], expiresAt: null };
    keys[role] = (await createApiKey(store, named, { at: AT, actor: 'test' })).key;
  }
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const time = { now: AT };
  const clock = options.clock ?? (() => time.now);
  const jobs = await openJobs(store, { clock, onTrouble: (err) => log.error({ err }, 'trouble'), supervise: true });
  const parts = { config, store, jobs, embedder, log, clock };
  const running = await startService(parts);

  const fetchOperation = (name: OperationName, request: TestRequest = {}) => {
    const { params = {}, query = {}, body, key = keys.admin, headers = {} } = request;
    const { method, path } = OPERATIONS[name];
    const filled = path.replace(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(String(params[part])));
    const search = new URLSearchParams(
      Object.entries(query).map(([field, value]): [string, string] => [field, String(value)]),
    );
    const isForm = body instanceof FormData;
    return fetch(`${running.url}${filled}${search.size === 0 ? '' : `?${search}`}`, {
      method: method.toUpperCase(),
      headers: {
        ...(key !== null && { authorization: `Bearer ${keys[key as Role] ?? key}` }),
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
        // Always, where it is taken: so each test of an operation shows that its handler keeps the answer.
        ...((SCHEMAS[name] as OperationSchemas).once && {
          'idempotency-key': randomUUID(),
        }),
        ...headers,
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
  };

  const service: TestService = {
    ...{ url: running.url, store, jobs, config, embedder, keys, logged },
    get now() {
      return time.now;
    },
    set now(now) {
      time.now = now;
    },
    stop: () => running.close(),
    async close() {
      await running.close();
      await jobs.close();
      await embedder.close?.(); // a made-up one has nothing to close
      await store.close();
    },
    fetch: fetchOperation,

    async ask(name, request) {
      const response = await fetchOperation(name, request);
      const { answer, status = 200 }: OperationSchemas = SCHEMAS[name];
      if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
      expect(response.status).toBe(status);
      if ('contentTypes' in answer) return (await response.blob()) as never;
      const said = await response.json();
      expect(answer.parse(said)).toEqual(said); // nothing less than the schema says, and nothing more
      return said as never;
    },

    async refused(name, request, code) {
      const response = await fetchOperation(name, request);
      expect(response.headers.get('content-type'), await response.clone().text()).toBe('application/problem+json');
      const problem = problemDocument.parse(await response.json());
      expect(problem).toMatchObject({ code, status: response.status });
      return problem;
    },
  };
  return service;
}
