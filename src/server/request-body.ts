/** The body of a request: its bytes, counted as they come, and what they say. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import type { OperationSchemas } from '../api/schemas/operation-schemas.js';
import { CountersignError } from '../core/errors.js';
import type { TakeBytes } from './bodies-in-hand.js';
import type { ServiceConfig } from './config.js';
import type { Environment } from './environment.js';
import { fieldsByName, readForm } from './form.js';

/**
 * @returns what the schema of the body is held against
 * @throws CountersignError REQUEST_TOO_LARGE, REQUEST_UNSUPPORTED, REQUEST_INVALID, OVERLOADED
 */
export async function readBody(
  c: Context<Environment>,
  { body, fromForm }: OperationSchemas,
  { bodyBytes }: Pick<ServiceConfig['limits'], 'bodyBytes'>,
  take: TakeBytes,
): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw unsupported(`a body that is compressed with ${encoding.slice(0, 40)}`);
  const isForm = /^multipart\/form-data\s*;/i.test(type);
  if (!isForm && !/^application\/json\s*(;|$)/i.test(type)) {
    const length = c.req.header('content-length');
    if (type === '' && (length === '0' || (length === undefined && c.req.header('transfer-encoding') === undefined))) {
      return {}; // no body at all
    }
    throw unsupported(type === '' ? 'a body without a Content-Type' : `a body of ${type.slice(0, 80)}`);
  }
  const bytes = await readBytes(c.env.incoming, bodyBytes, take);
  requireFewValues(bytes, isForm ? BEFORE_VALUES.form : BEFORE_VALUES.json);
  if (!isForm) return parseJson(bytes);
  const form = await readForm(bytes, type);
  return fromForm?.(form) ?? fieldsByName(form, body!);
}

/** Stops at the first byte too many, whatever the header said. */
async function readBytes(incoming: IncomingMessage, most: number, take: TakeBytes): Promise<Buffer> {
  const tooLarge = () =>
    new CountersignError('REQUEST_TOO_LARGE', `Expected a body of at most ${most} bytes; a longer one came.`, {
      details: { bodyBytes: most },
    });
  if (Number(incoming.headers['content-length'] ?? 0) > most) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > most) throw tooLarge();
      take(chunk.length);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof CountersignError) throw cause;
    throw new CountersignError('REQUEST_INVALID', 'The request ended before its body did.', { cause });
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
}

/** Values of JSON, parts of a form; the items of a hundred images have about a thousand. */
const MOST_VALUES = 10_000;
/** One of them comes before each value but the first. Those within texts count too, of which there are few. */
const BEFORE_VALUES = { json: [',', '[', '{'], form: ['\r\n--'] };

/** Before it is parsed: of the smallest values a body becomes a hundred times its bytes of memory. */
function requireFewValues(bytes: Buffer, marks: readonly string[]): void {
  let values = 1;
  for (const mark of marks) {
    for (let at = bytes.indexOf(mark); at >= 0 && values <= MOST_VALUES; at = bytes.indexOf(mark, at + 1)) values += 1;
  }
  if (values <= MOST_VALUES) return;
  throw new CountersignError('REQUEST_INVALID', `body: expected at most ${MOST_VALUES} values; more came.`, {
    details: { values: MOST_VALUES },
  });
}

const unsupported = (came: string) =>
  new CountersignError('REQUEST_UNSUPPORTED', `Expected application/json or multipart/form-data; ${came} came.`);

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new CountersignError('REQUEST_INVALID', 'body: expected JSON; it does not parse.', { cause });
  }
}
