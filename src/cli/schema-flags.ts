/** Command-line flags from a zod schema: `learningRate` becomes `--learning-rate`, `augment.shear` `--augment-shear`. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

interface SchemaFlag {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

/** Adds a flag for each leaf of the schema that is not in `except` (top-level keys). */
export function addSchemaFlags(command: Command, schema: z.ZodType, except: readonly string[] = []): void {
  for (const { path, schema: leaf } of leaves(schema)) {
    if (except.includes(path[0]!)) continue;
    const option = new Option(`--${flagName(path)} ${placeholder(leaf)}`, describe(path, leaf));
    if (leaf.type === 'number' || leaf.type === 'integer') option.argParser(parseNumber(path));
    if (leaf.type === 'array') option.argParser(parseArray(path));
    if (leaf.type === 'boolean') option.preset('true').argParser(parseBoolean(path));
    command.addOption(option);
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
  const nested: Record<string, unknown> = { ...more };
  for (const { path } of leaves(schema)) {
    const value = flags[camelCase(path)];
    if (value === undefined) continue;
    let target = nested;
    for (const key of path.slice(0, -1)) {
      target[key] ??= {};
      target = target[key] as Record<string, unknown>;
    }
    target[path.at(-1)!] = value;
  }
  const parsed = schema.safeParse(nested);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `--${flagName(path.map(String))}: ${message}`);
  throw new CountersignError('INVALID_ARGUMENT', `${issues.join('; ')}.`, { details: { issues } });
}

function leaves(schema: z.ZodType): SchemaFlag[] {
  const walk = (node: JsonSchema, path: readonly string[]): SchemaFlag[] =>
    node.properties === undefined
      ? [{ path, schema: node }]
      : Object.entries(node.properties).flatMap(([key, child]) => walk(child, [...path, key]));
  return walk(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, []);
}

/** What stands behind the flag in the help; a truth value may be left out and then means true. */
function placeholder({ type, enum: choices }: JsonSchema): string {
  if (type === 'boolean') return '[true|false]';
  return `<${choices?.join('|') ?? (type === 'array' ? 'json' : type)}>`;
}

function describe(path: readonly string[], { description, default: fallback }: JsonSchema): string {
  const words = description ?? kebab(path.at(-1)!).replaceAll('-', ' ');
  return fallback === undefined ? words : `${words} (default: ${JSON.stringify(fallback)})`;
}

const kebab = (word: string) => word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const flagName = (path: readonly string[]) => path.map(kebab).join('-');
/** As commander names the value of a flag. */
const camelCase = (path: readonly string[]) =>
  flagName(path).replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function parseNumber(path: readonly string[]) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) return value;
    throw new CountersignError('INVALID_ARGUMENT', `--${flagName(path)} needs a number, not "${text}".`);
  };
}

function parseBoolean(path: readonly string[]) {
  return (text: string): boolean => {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new CountersignError('INVALID_ARGUMENT', `--${flagName(path)} is true or false, not "${text}".`);
  };
}

function parseArray(path: readonly string[]) {
  return (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new CountersignError('INVALID_ARGUMENT', `--${flagName(path)} needs a JSON array, not "${text}".`, {
        cause,
      });
    }
  };
}
