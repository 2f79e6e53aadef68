/**
 * Command-line flags from a zod schema: `learningRate` becomes `--learning-rate`, `augment.shear` `--augment-shear`; what is
 * true unless it is said otherwise, like `sessionKey`, `--no-session-key`.
 */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { parseNumber } from './number-flag.js';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** A field of a schema that has no fields of its own. */
export interface SchemaLeaf {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

/** Adds a flag for each leaf of the schema that is not in `except` (top-level keys). */
export function addSchemaFlags(command: Command, schema: z.ZodType, except: readonly string[] = []): void {
  for (const { path, schema: leaf } of schemaLeaves(schema)) {
    if (except.includes(path[0]!)) continue;
    const option = new Option(`${flagOf(path)} ${placeholder(leaf)}`, describe(path, leaf));
    if (leaf.type === 'boolean') option.preset('true');
    option.argParser((text: string) => readLeaf({ path, schema: leaf }, flagOf(path), text));
    // `--metrics true` undoes what a file says; the help shows what somebody would write.
    command.addOption(isOn(leaf) ? option.hideHelp() : option);
    if (isOn(leaf))
      command.addOption(new Option(offFlagOf(path), `do without: ${describe(path, { ...leaf, default: undefined })}`));
  }
}

/**
 * The values of the flags that were given, in the shape of the schema, checked and completed with its defaults.
 *
 * @throws CountersignError INVALID_ARGUMENT naming each value that does not fit
 */
export function parseSchemaFlags<T extends z.ZodType>(
  schema: T,
  flags: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): z.output<T> {
  const nested: Record<string, unknown> = structuredClone(more);
  const paths = schemaLeaves(schema).map(({ path }) => path);
  for (const path of paths) {
    const value = flags[camelCase(path)];
    if (value !== undefined) setAt(nested, path, value);
  }
  const parsed = schema.safeParse(nested, { error: expectation });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${place(path.map(String), paths)}: ${message}`);
  throw new CountersignError('INVALID_ARGUMENT', `${issues.join('. ')}.`, { details: { issues } });
}

/** Sets a field of an object of objects, which are made where they are not there. */
export function setAt(nested: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = nested;
  for (const key of path.slice(0, -1)) {
    target[key] ??= {};
    target = target[key] as Record<string, unknown>;
  }
  target[path.at(-1)!] = value;
}

export function schemaLeaves(schema: z.ZodType): SchemaLeaf[] {
  const walk = (node: JsonSchema, path: readonly string[]): SchemaLeaf[] =>
    node.properties === undefined
      ? [{ path, schema: node }]
      : Object.entries(node.properties).flatMap(([key, child]) => walk(child, [...path, key]));
  return walk(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, []);
}

/** What stands behind the flag in the help; a truth value may be left out and then means true. */
function placeholder(leaf: JsonSchema): string {
  if (leaf.type === 'boolean') return '[true|false]';
  return `<${leaf.enum?.join('|') ?? (isJson(leaf) ? 'json' : leaf.type)}>`;
}

const isOn = ({ type, default: fallback }: JsonSchema) => type === 'boolean' && fallback === true;
const isJson = ({ type }: JsonSchema) => type === 'array' || type === 'object';

function describe(path: readonly string[], { description, default: fallback }: JsonSchema): string {
  const words = description ?? kebab(path.at(-1)!).replaceAll('-', ' ');
  return fallback === undefined ? words : `${words} (default: ${JSON.stringify(fallback)})`;
}

const kebab = (word: string) => word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const flagOf = (path: readonly string[]) => `--${path.map(kebab).join('-')}`;
const offFlagOf = (path: readonly string[]) => flagOf(path).replace('--', '--no-');
/** As commander names the value of a flag. */
const camelCase = (path: readonly string[]) =>
  path
    .map(kebab)
    .join('-')
    .replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The flag that an issue is about, with the position within its JSON: `--architecture-pooling-grids[0][1]`. */
function place(path: readonly string[], flags: readonly (readonly string[])[]): string {
  const flag = flags.find((candidate) => candidate.every((key, i) => key === path[i])) ?? path;
  return [flagOf(flag), ...path.slice(flag.length).map((key) => `[${key}]`)].join('');
}

/** What was expected and what came, in words; undefined leaves them to zod. */
function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  const came = issue.input === undefined ? 'nothing came' : `${JSON.stringify(issue.input)} came`;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}; ${came}`;
    case 'invalid_value':
      return `expected ${issue.values.map(String).join(' or ')}; ${came}`;
    case 'too_small':
      return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unit(issue)}; ${came}`;
    case 'too_big':
      return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unit(issue)}; ${came}`;
    default:
      return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a JSON array',
  tuple: 'a JSON array',
  object: 'a JSON object',
  record: 'a JSON object',
};
const unit = ({ origin }: { readonly origin?: string }) => (origin === 'array' ? ' entries' : '');

/**
 * The value that a text stands for: a number, a truth value, JSON or the text itself, as the schema has it.
 *
 * @param name - what the text was given as, for the message
 * @throws CountersignError INVALID_ARGUMENT
 */
export function readLeaf({ schema: { type } }: SchemaLeaf, name: string, text: string): unknown {
  switch (type) {
    case 'number':
    case 'integer':
      return parseNumber(name)(text);
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new CountersignError('INVALID_ARGUMENT', `${name}: expected true or false; "${text}" came.`);
    case 'array':
    case 'object':
      return readJson(name, TYPES[type]!, text);
    default:
      return text;
  }
}

function readJson(name: string, expected: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CountersignError('INVALID_ARGUMENT', `${name}: expected ${expected}; "${text}" came.`, { cause });
  }
}
