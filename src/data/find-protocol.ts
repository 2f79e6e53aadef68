/** Protocols by name: those of the package, what follows from them, and documents of one's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { canonicalJson } from './canonical-json.js';
import { sha256 } from './content-hash.js';
import { type Protocol, protocolSchema } from './protocol.js';

const FOLDER = new URL('../../protocols/', import.meta.url);

/** Those of the package, by name. */
export const PROTOCOLS: readonly Protocol[] = readdirSync(fileURLToPath(FOLDER), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map((file) => protocolSchema.parse(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))));

/** What is tested where no protocol is named. */
export const ALL_WRITERS: Protocol = PROTOCOLS.find(({ testWriters }) => testWriters.select === 'all')!;

/**
 * @param name - one of PROTOCOLS; one that draws its writers, with another seed (`cedar/random@7`); either of them with
 *   `/shape-only`; or the path of a document, ending in `.json`
 * @throws CountersignError PROTOCOL_UNKNOWN listing the names there are; PROTOCOL_INVALID
 */
export function findProtocol(name: string): Protocol {
  if (name.endsWith('.json')) return readProtocol(name);
  const protocol = findBuiltIn(name);
  if (protocol !== undefined) return protocol;
  const known = PROTOCOLS.map((candidate) => candidate.name);
  const message = `Expected a protocol of ${known.join(', ')}, or a .json file; ${name} came.`;
  throw new CountersignError('PROTOCOL_UNKNOWN', message, { details: { name, known } });
}

const SHAPE_ONLY = '/shape-only';

/** What the package alone makes of a name. */
export function findBuiltIn(name: string): Protocol | undefined {
  if (name.endsWith(SHAPE_ONLY)) {
    const base = findBuiltIn(name.slice(0, -SHAPE_ONLY.length));
    return base?.input === 'as-prepared'
      ? { ...base, name, title: `${base.title}; shape only`, input: 'shape-only' }
      : undefined;
  }
  return PROTOCOLS.find((protocol) => protocol.name === name) ?? withSeed(name);
}

function withSeed(name: string): Protocol | undefined {
  const [, stem, digits] = /^(.+)@(0|[1-9]\d{0,14})$/.exec(name) ?? [];
  if (stem === undefined) return undefined;
  for (const protocol of PROTOCOLS) {
    const { testWriters } = protocol;
    if (testWriters.select !== 'random' || !protocol.name.startsWith(`${stem}@`)) continue;
    return { ...protocol, name, testWriters: { ...testWriters, seed: Number(digits) } };
  }
  return undefined;
}

/**
 * A document of one's own. Its name gets the first digits of a hash over its test writers (`mine/held-out#1f3a90c2b7de`):
 * a model says by the name which writers were kept out of its training, and must not be tested by a list that was
 * changed since.
 */
function readProtocol(path: string): Protocol {
  const invalid = (reason: string, cause?: unknown) =>
    new CountersignError('PROTOCOL_INVALID', `${path} is no protocol: ${reason}`, { details: { path }, cause });
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw invalid(code === undefined ? message : `${code} came.`, cause);
  }
  const parsed = protocolSchema.safeParse(document);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  const { dataset, testWriters, name } = parsed.data;
  const digest = sha256(canonicalJson({ dataset, testWriters })).slice(0, 12);
  return { ...parsed.data, name: `${name}#${digest}` };
}
