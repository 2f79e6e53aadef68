/** multipart/form-data, as the body that JSON would have been. */
import { z } from 'zod';
import type { FormFields } from '../api/schemas/operation-schemas.js';
import { CountersignError } from '../core/errors.js';

/** @throws CountersignError REQUEST_INVALID */
export async function readForm(bytes: Uint8Array, contentType: string): Promise<FormFields> {
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch (cause) {
    throw new CountersignError('REQUEST_INVALID', 'body: expected multipart/form-data; it does not parse.', { cause });
  }
  const fields = new Map<string, (string | Uint8Array)[]>();
  for (const [name, value] of form as unknown as Iterable<[string, string | File]>) {
    const values = fields.get(name) ?? [];
    fields.set(name, values);
    values.push(typeof value === 'string' ? value : new Uint8Array(await value.arrayBuffer()));
  }
  return fields;
}

/**
 * Each field under its name: one that the schema has as an array with all its values, one that it has as text or an image
 * as it came, any other as JSON.
 */
export function fieldsByName(fields: FormFields, schema: z.ZodObject): Record<string, unknown> {
  const types = typesOf(schema);
  return Object.fromEntries(
    [...fields].map(([name, values]) => {
      const type = types.get(name);
      if (type === 'array') return [name, values];
      if (values.length > 1)
        throw new CountersignError('REQUEST_INVALID', `body.${name}: expected once; it came ${values.length} times.`);
      return [name, type === 'string' ? values[0] : fromJson(values[0]!)];
    }),
  );
}

/** What is no JSON stays text, for the schema to refuse. */
function fromJson(value: string | Uint8Array): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const known = new WeakMap<z.ZodObject, ReadonlyMap<string, string>>();

/** The JSON type of each field: `string` where it is text, also where it may be null or left out. */
function typesOf(schema: z.ZodObject): ReadonlyMap<string, string> {
  const types = known.get(schema) ?? readTypes(schema);
  known.set(schema, types);
  return types;
}

interface TypedNode {
  readonly type?: string;
  readonly anyOf?: readonly TypedNode[];
}

function readTypes(schema: z.ZodObject): ReadonlyMap<string, string> {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as {
    properties?: Readonly<Record<string, TypedNode>>;
  };
  const typeOf = ({ type, anyOf }: TypedNode): string =>
    type ?? anyOf?.map(typeOf).find((one) => one !== 'null') ?? 'any';
  return new Map(Object.entries(properties).map(([name, node]) => [name, typeOf(node)]));
}
