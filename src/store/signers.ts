/** The names of signers in a mandate: the operator's numbers outside, ids of their own in the store. */
import { randomUUID } from 'node:crypto';
import { eq, inArray } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type Policy, renameSigners, signersOf } from '../policy/document.js';
import type { Orm, Transaction } from './database.js';
import { signers, writers } from './schema.js';

/** @throws CountersignError WRITER_NOT_FOUND for a signer who is not enrolled */
export async function withSignerIds(tx: Transaction, policy: Policy): Promise<Policy> {
  if (policy.mandate === undefined) return policy;
  const numbers = signersOf(policy.mandate);
  const found = await tx
    .select({ writerId: writers.id, externalRef: writers.externalRef })
    .from(writers)
    .where(inArray(writers.externalRef, numbers));
  const known = new Set(found.map(({ externalRef }) => externalRef));
  const unknown = numbers.find((number) => !known.has(number));
  if (unknown !== undefined) {
    throw new CountersignError('WRITER_NOT_FOUND', `The mandate names ${unknown}, who is not enrolled.`);
  }
  const added = found.map(({ writerId }) => ({ id: randomUUID(), writerId }));
  await tx.insert(signers).values(added).onConflictDoNothing();
  const ids = await signerIds(
    tx,
    found.map(({ writerId }) => writerId),
  );
  const idOf = new Map(found.map(({ externalRef, writerId }) => [externalRef, ids.get(writerId)!]));
  return { ...policy, mandate: renameSigners(policy.mandate, (number) => idOf.get(number)!) };
}

/** The versions with the operator's numbers in their documents again; `erased` stands for those who were. */
export async function withNumbers<Version extends { readonly document: Policy }>(
  queries: Pick<Orm, 'select'>,
  versions: readonly Version[],
): Promise<Version[]> {
  const ids = versions.flatMap(({ document: { mandate } }) => (mandate === undefined ? [] : signersOf(mandate)));
  const found = await queries
    .select({ id: signers.id, externalRef: writers.externalRef })
    .from(signers)
    .innerJoin(writers, eq(writers.id, signers.writerId))
    .where(inArray(signers.id, ids));
  const numbers = new Map(found.map(({ id, externalRef }) => [id, externalRef]));
  const numberOf = (id: string) => numbers.get(id) ?? `erased ${id}`;
  return versions.map((version) => {
    const { mandate, ...rest } = version.document;
    return mandate === undefined
      ? version
      : { ...version, document: { ...rest, mandate: renameSigners(mandate, numberOf) } };
  });
}

/** @returns by the writer's id; writers whom no mandate names are left out */
export async function signerIds(
  queries: Pick<Orm, 'select'>,
  writerIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await queries
    .select()
    .from(signers)
    .where(inArray(signers.writerId, [...writerIds]));
  return new Map(rows.map(({ writerId, id }) => [writerId, id]));
}
