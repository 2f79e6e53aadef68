/** Environment variables from a zod schema: `timeouts.idleMs` is `COUNTERSIGN_TIMEOUTS_IDLE_MS`. */
import type { z } from 'zod';
import { readLeaf, schemaLeaves, setAt } from './schema-flags.js';

const PREFIX = 'COUNTERSIGN';

/** The name of the variable for a field. */
export const variableOf = (path: readonly string[]) =>
  [PREFIX, ...path.map((key) => key.replace(/[A-Z]/g, '_$&').toUpperCase())].join('_');

/**
 * The values that are set, in the shape of the schema; not yet checked by it.
 *
 * @throws CountersignError INVALID_ARGUMENT for what is no number, truth value or JSON where the schema has one
 */
export function readSchemaEnvironment(schema: z.ZodType, env: NodeJS.ProcessEnv): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const leaf of schemaLeaves(schema)) {
    const name = variableOf(leaf.path);
    const text = env[name];
    if (text === undefined || text === '') continue;
    setAt(nested, leaf.path, readLeaf(leaf, name, text));
  }
  return nested;
}
