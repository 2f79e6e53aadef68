/** Forms whose fields do not map to a body by their names: several things of the same kind, a field for each of their parts. */
import type { FormFields } from './operation-schemas.js';

type Value = string | Uint8Array;

/**
 * As many things as the longest field has values.
 *
 * @param parts - names of the fields
 * @example together(fields, ['writer', 'image']); // [{ writer: '4711', image: … }, { writer: '4712', image: … }]
 */
export function together(fields: FormFields, parts: readonly string[]): Record<string, Value | undefined>[] {
  const count = Math.max(...parts.map((part) => fields.get(part)?.length ?? 0));
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(parts.map((part) => [part, fields.get(part)?.[i]])),
  );
}

/** The other fields by their names; one that came more than once stays a list, for the schema to refuse. */
export function others(fields: FormFields, parts: readonly string[]): Record<string, Value | readonly Value[]> {
  return Object.fromEntries(
    [...fields]
      .filter(([name]) => !parts.includes(name))
      .map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  );
}
