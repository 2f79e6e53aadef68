/** One operation: who may ask for it, what came, what is answered. Every route is made here. */
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { OPERATIONS, type Operation, type OperationName } from '../api/operations.js';
import type { OperationSchemas } from '../api/schemas/operation-schemas.js';
import {
  type AnsweredFile,
  type AnswerFrom,
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  SCHEMAS,
} from '../api/schemas.js';
import { CountersignError } from '../core/errors.js';
import type { AuditEntry } from '../store/audit-log.js';
import { BodiesInHand, type TakeBytes } from './bodies-in-hand.js';
import { clientAddress } from './client-address.js';
import type { ServiceConfig } from './config.js';
import type { ServiceContext } from './context.js';
import type { Environment } from './environment.js';
import { answerOnce, type KeptAnswer, type Once } from './idempotency.js';
import type { Caller } from './key-guard.js';
import { parse } from './parse.js';
import { asCountersignError, failedInside } from './problem.js';
import { readBody } from './request-body.js';

/** What an operation is asked. */
export interface Asked<Name extends OperationName> {
  readonly params: ParamsOf<Name>;
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  /** Who, and when: for the audit log. */
  readonly by: Pick<AuditEntry, 'at' | 'actor'>;
  /** Undefined where the operation is public. */
  readonly caller: Caller | undefined;
  /**
   * Of an operation that is to have its effect once: what to do alongside, for the transaction of the effect; undefined
   * where the caller sent no Idempotency-Key.
   *
   * @param writersOf - ids of the writers whom the answer speaks of, with whom it goes
   */
  readonly once: Once<AnswerFrom<Name>>;
}

export type Handler<Name extends OperationName> = (asked: Asked<Name>) => Promise<AnswerFrom<Name>> | AnswerFrom<Name>;

/** Adds an operation of `OPERATIONS` to the service: what goes in and out is checked by its schemas. */
export type AddOperation = <Name extends OperationName>(name: Name, handler: Handler<Name>) => void;

/** `/v1/writers/{writer}` as Hono writes it. */
export const routeOf = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

export function operationsOn(app: Hono<Environment>, context: ServiceContext): AddOperation {
  const bodies = new BodiesInHand(context.config.limits.bodiesBytes);
  return (name, handler) => {
    const { method, path, roles }: Operation = OPERATIONS[name];
    const schemas: OperationSchemas = SCHEMAS[name];
    const respond = async (c: Context<Environment>, take: TakeBytes): Promise<Response> => {
      c.set('operation', name);
      const at = context.clock();
      const caller = roles === 'public' ? undefined : await admit(c, context, roles, at);
      const given = {
        params: schemas.params && parse(schemas.params, c.req.param(), 'path'),
        query: parseQuery(schemas, c.req.query()),
        body: schemas.body && (await bodyOf(c, schemas, schemas.body, context.config.limits, take)),
      };
      const by = { at, actor: caller?.actor ?? 'anybody' };
      const work = async (once: Once<unknown>): Promise<unknown> => handler({ ...given, by, caller, once } as never);
      const idempotencyKey = schemas.once && c.req.header('idempotency-key');
      const { inHand, config, store, log } = context;
      const { answerMs } = config.timeouts;
      const onLateFailure = (reason: unknown) => {
        const err = asCountersignError(reason);
        const line = { requestId: c.get('requestId'), route: path, code: err.code };
        // A refusal may name a writer, as its answer would have; what failed inside may not be kept back.
        if (failedInside(err)) log.error({ ...line, err }, 'failed after its request was answered');
        else log.info(line, 'refused after its request was answered');
      };
      const answered = <T>(asked: () => Promise<T>) => inHand.answer(asked, answerMs, onLateFailure);
      if (idempotencyKey === undefined) return answer(schemas, await answered(() => work(never)));
      const request = { idempotencyKey, operation: name, apiKeyId: caller!.keyId, asked: given, at };
      return kept(schemas, await answered(() => answerOnce(store, request, work)));
    };
    app.on(method.toUpperCase(), routeOf(path), (c) =>
      context.inHand.during(() => bodies.during((take) => respond(c, take))),
    );
  };
}

const never: Once<unknown> = () => undefined;

async function admit(
  c: Context<Environment>,
  { guard, config, closing }: ServiceContext,
  roles: Exclude<Operation['roles'], 'public'>,
  at: Date,
): Promise<Caller> {
  if (closing.aborted) throw new CountersignError('CLOSING', 'The service is ending.');
  const caller = await guard.admit(c.req.header('authorization'), roles, clientAddress(c, config), at);
  c.set('keyId', caller.keyId);
  return caller;
}

function parseQuery({ query }: OperationSchemas, given: Record<string, string>): unknown {
  if (query !== undefined) return parse(query.strict(), given, 'query');
  const [unknown] = Object.keys(given);
  if (unknown === undefined) return undefined;
  throw new CountersignError('REQUEST_INVALID', `query: expected no parameters; "${unknown}" came.`);
}

async function bodyOf(
  c: Context<Environment>,
  schemas: OperationSchemas,
  schema: z.ZodObject,
  limits: ServiceConfig['limits'],
  take: TakeBytes,
): Promise<unknown> {
  const body = parse(schema, await readBody(c, schemas, limits, take), 'body');
  const images = countImages(body);
  if (images <= limits.images) return body;
  throw new CountersignError('REQUEST_INVALID', `body: expected at most ${limits.images} images; ${images} came.`, {
    details: { images: limits.images },
  });
}

function countImages(value: unknown): number {
  if (value instanceof Uint8Array) return 1;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, inner) => sum + countImages(inner), 0);
}

function kept({ status = 200 }: OperationSchemas, { json, replayed }: KeptAnswer): Response {
  return jsonResponse(json, status, replayed && { 'idempotent-replayed': 'true' });
}

function answer(schemas: OperationSchemas, value: unknown): Response {
  const status = schemas.status ?? 200;
  if (!('contentTypes' in schemas.answer)) return jsonResponse(JSON.stringify(value), status);
  const { contentType, content, fileName } = value as AnsweredFile;
  const disposition = fileName !== undefined && {
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
  };
  return new Response(content, { status, headers: { 'content-type': contentType, ...disposition } });
}

function jsonResponse(json: string, status: number, more: false | Readonly<Record<string, string>> = false): Response {
  return new Response(json, { status, headers: { 'content-type': 'application/json', ...more } });
}
