// A document's JSON schema: docs/<name>.schema.json from the zod schema that reads it.
import { z } from 'zod';

/**
 * @param schema - zod schema of the document, as people write it: what has a default may be left out
 * @param title - its name and version
 * @returns the text of the file
 */
export function renderJsonSchema(schema, title) {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
}
