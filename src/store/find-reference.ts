/** Finds a reference of a writer by its id, or by how that begins. */
import { eq } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import type { Orm } from './database.js';
import type { Writer } from './find-writer.js';
import { referenceSignatures } from './schema.js';

export type FoundReference = Pick<typeof referenceSignatures.$inferSelect, 'id' | 'state' | 'imageHash'>;

/** @throws CountersignError REFERENCE_NOT_FOUND where none begins so, or several do */
export async function findReference(
  queries: Pick<Orm, 'select'>,
  writer: Pick<Writer, 'id' | 'externalRef'>,
  beginning: string,
): Promise<FoundReference> {
  const { id, state, imageHash } = referenceSignatures;
  const all = await queries
    .select({ id, state, imageHash })
    .from(referenceSignatures)
    .where(eq(referenceSignatures.writerId, writer.id));
  const found = all.filter((row) => beginning !== '' && row.id.startsWith(beginning.toLowerCase()));
  if (found.length === 1) return found[0]!;
  throw new CountersignError(
    'REFERENCE_NOT_FOUND',
    `Expected one reference of writer ${writer.externalRef} whose id begins with "${beginning}"; there are ${found.length}.`,
  );
}
