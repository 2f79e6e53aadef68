/**
 * The service as typed functions, one an operation: for programs and for the page. It needs `fetch` alone; of the schemas it
 * takes types, so none of them is in a bundle.
 */
import type { ErrorCode } from '../core/errors.js';
import { OPERATIONS, type OperationName } from './operations.js';
import type { AnswerOf, BodyInput, ParamsInput, QueryInput } from './schemas.js';

export type { ImageInput } from './schemas/common.js';
export type { AnswerOf, BodyInput } from './schemas.js';

export interface ClientOptions {
  /** `http://127.0.0.1:8080` */
  readonly baseUrl: string;
  /** `csk_...` */
  readonly key?: string;
  /** Ends all that is asked. */
  readonly signal?: AbortSignal;
}

export interface CallOptions {
  /** New for each new request of an operation that writes; the same to send a request again whose answer got lost. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** What goes where; without required parts the whole may be left out. */
export type RequestOf<Name extends OperationName> = PartOf<'params', ParamsInput<Name>> &
  PartOf<'query', QueryInput<Name>> &
  PartOf<'body', BodyInput<Name>>;

type PartOf<Key extends string, Value> = Value extends undefined
  ? unknown
  : Partial<Value> extends Value
    ? { readonly [K in Key]?: Value }
    : { readonly [K in Key]: Value };

type Call<Name extends OperationName> =
  Partial<RequestOf<Name>> extends RequestOf<Name>
    ? (request?: RequestOf<Name>, options?: CallOptions) => Promise<AnswerOf<Name>>
    : (request: RequestOf<Name>, options?: CallOptions) => Promise<AnswerOf<Name>>;

export type Client = { readonly [Name in OperationName]: Call<Name> };

/** What the service refuses. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly hint: string;
  /** Of HTTP. */
  readonly status: number;
  /** Under which the service's log has it. */
  readonly requestId: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** After how many seconds to ask again, where the service says so. */
  readonly retryAfterS: number | undefined;

  constructor(problem: Partial<ProblemFacts>, status: number, retryAfterS: number | undefined) {
    super(problem.detail ?? `The service answered with status ${status}.`);
    this.code = problem.code ?? 'UNEXPECTED';
    this.hint = problem.hint ?? 'Something between here and the service may have answered in its place.';
    this.status = status;
    this.requestId = problem.requestId;
    this.details = problem.details ?? {};
    this.retryAfterS = retryAfterS;
  }
}

interface ProblemFacts {
  readonly detail: string;
  readonly code: ErrorCode;
  readonly hint: string;
  readonly requestId: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** All three as they go out, whatever the operation. */
interface AnyRequest {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/**
 * @throws (each function) `ServiceError` for what the service refuses; what `fetch` throws where it does not answer
 *
 * @example
 * const client = createClient({ baseUrl: 'http://127.0.0.1:8080', key });
 * const { decision, distance } = await client.compare({ body: { references: [a, b], questioned } });
 */
export function createClient(options: ClientOptions): Client {
  const names = Object.keys(OPERATIONS) as OperationName[];
  const calls = names.map((name) => [
    name,
    (request: AnyRequest = {}, more: CallOptions = {}) => call(name, request, options, more),
  ]);
  return Object.fromEntries(calls);
}

async function call(
  name: OperationName,
  { params = {}, query = {}, body }: AnyRequest,
  { baseUrl, key, signal: ofAll }: ClientOptions,
  { idempotencyKey, signal: own }: CallOptions,
): Promise<unknown> {
  const { method, path } = OPERATIONS[name];
  const filled = path.replace(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(String(params[part])));
  const url = new URL(`${baseUrl.replace(/\/$/, '')}${filled}`);
  for (const [field, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(field, textOf(value));
  }
  const sent = body === undefined ? undefined : (formOf(body) ?? JSON.stringify(await withoutBlobs(body)));
  const signals = [ofAll, own].filter((signal) => signal !== undefined);
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(typeof sent === 'string' && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(sent !== undefined && { body: sent }),
    ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
  });
  if (!response.ok) throw await errorOf(response);
  const isJson = /^application\/json\b/.test(response.headers.get('content-type') ?? '');
  return isJson ? response.json() : response.blob();
}

async function errorOf(response: Response): Promise<ServiceError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<ProblemFacts>;
  const retryAfter = response.headers.get('retry-after');
  return new ServiceError(problem, response.status, retryAfter === null ? undefined : Number(retryAfter));
}

const textOf = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value));

/** Images as files of a form, where all else is text and numbers: nothing to convert, and a third less to send. */
function formOf(body: unknown): FormData | undefined {
  const fields = Object.entries(body as object)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one] as const))
    .filter(([, value]) => value !== undefined);
  if (!fields.some(([, value]) => isFile(value)) || !fields.every(([, value]) => isFile(value) || isPlain(value))) {
    return undefined;
  }
  const form = new FormData();
  for (const [name, value] of fields) {
    if (isFile(value)) form.append(name, value instanceof Blob ? value : new Blob([value as Uint8Array<ArrayBuffer>]));
    else form.append(name, String(value));
  }
  return form;
}

const isFile = (value: unknown) => value instanceof Blob || value instanceof Uint8Array;
const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);

/** Images as JSON carries them: base64. */
async function withoutBlobs(value: unknown): Promise<unknown> {
  if (value instanceof Blob) return base64(new Uint8Array(await value.arrayBuffer()));
  if (value instanceof Uint8Array) return base64(value);
  if (Array.isArray(value)) return Promise.all(value.map(withoutBlobs));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await withoutBlobs(inner)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Arguments of a call are limited, so a few at a time. */
const BYTES_AT_A_TIME = 0x8000;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += BYTES_AT_A_TIME) {
    text += String.fromCharCode(...bytes.subarray(i, i + BYTES_AT_A_TIME));
  }
  return btoa(text);
}
