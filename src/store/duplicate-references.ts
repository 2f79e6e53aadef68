/** Copies among references: the same file, or the same picture in another file. */
import { and, eq, ne } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import type { Transaction } from './database.js';
import type { NewReference } from './enrol.js';
import { referenceSignatures } from './schema.js';

/** Those that are the same file or the same picture as one that the writer has, or as one that comes before them. */
export async function duplicatesOf<Added extends Pick<NewReference, 'name' | 'imageHash' | 'pixelHash'>>(
  tx: Transaction,
  writerId: string,
  added: readonly Added[],
): Promise<ReadonlyMap<Added, CountersignError>> {
  const { id, imageHash, pixelHash, state } = referenceSignatures;
  const rows = await tx
    .select({ id, imageHash, pixelHash })
    .from(referenceSignatures)
    .where(and(eq(referenceSignatures.writerId, writerId), ne(state, 'retired')));
  const before = rows.map((row): Known => ({ ...row, name: `reference ${row.id}` }));
  const duplicates = new Map<Added, CountersignError>();
  for (const reference of added) {
    const same = before.find(
      (other) => other.imageHash === reference.imageHash || other.pixelHash === reference.pixelHash,
    );
    if (same !== undefined) duplicates.set(reference, duplicate(same, reference));
    else before.push(reference);
  }
  return duplicates;
}

interface Known {
  readonly name: string;
  readonly imageHash: string;
  readonly pixelHash: string | null;
}

function duplicate(same: Known, { name, imageHash }: Pick<NewReference, 'name' | 'imageHash'>): CountersignError {
  const what = same.imageHash === imageHash ? 'file' : 'picture';
  const message = `${name} is the same ${what} as ${same.name}: a copy says nothing of how the writer varies.`;
  return new CountersignError('REFERENCE_DUPLICATE', message, { details: { imageHash, of: same.name } });
}
