/** Works out anew what state writers are in, after their references, the settings or the active model have changed. */
import { asc, eq, gt, inArray, type SQL, sql } from 'drizzle-orm';
import type { EnrolmentSettings } from '../verify/enrolment-settings.js';
import { type EnrolmentVerdict, enrolmentState } from '../verify/enrolment-state.js';
import type { Orm, Transaction } from './database.js';
import { embeddings, models, referenceSignatures, writers } from './schema.js';

const WRITERS_AT_A_TIME = 1000;

/** @returns the verdict on one writer, written down */
export async function refreshState(
  tx: Transaction,
  writer: { readonly id: string; readonly expiresAt: Date | null },
  settings: EnrolmentSettings,
  at: Date,
): Promise<EnrolmentVerdict> {
  const references = await countedReferences(tx, [writer.id]);
  const verdict = enrolmentState({ ...writer, references: references.get(writer.id) ?? [] }, settings, at);
  const { state, staleFrom } = verdict;
  await tx.update(writers).set({ state, staleFrom }).where(eq(writers.id, writer.id));
  return verdict;
}

/** @param of - which writers; without it all. @returns how many were in another state before */
export async function refreshStates(
  tx: Transaction,
  settings: EnrolmentSettings,
  at: Date,
  of: SQL = sql`true`,
): Promise<number> {
  let changed = 0;
  let after: string | undefined;
  while (true) {
    const page = await tx
      .select()
      .from(writers)
      .where(sql`${after === undefined ? sql`true` : gt(writers.id, after)} AND ${of}`)
      .orderBy(asc(writers.id))
      .limit(WRITERS_AT_A_TIME);
    const references = await countedReferences(
      tx,
      page.map(({ id }) => id),
    );
    for (const writer of page) {
      const { state, staleFrom } = enrolmentState(
        { ...writer, references: references.get(writer.id) ?? [] },
        settings,
        at,
      );
      if (state !== writer.state) changed++;
      else if (staleFrom?.getTime() === writer.staleFrom?.getTime()) continue;
      await tx.update(writers).set({ state, staleFrom }).where(eq(writers.id, writer.id));
    }
    if (page.length < WRITERS_AT_A_TIME) return changed;
    after = page.at(-1)!.id;
  }
}

export interface CountedReference {
  readonly writtenAt: Date;
  readonly embedded: boolean;
}

/** Those without a doubt, by writer. */
export async function countedReferences(
  queries: Pick<Orm, 'select'>,
  writerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly CountedReference[]>> {
  const byWriter = new Map<string, CountedReference[]>();
  if (writerIds.length === 0) return byWriter;
  const { writerId, capturedAt, enrolledAt, state, id } = referenceSignatures;
  const rows = await queries
    .select({ writerId, capturedAt, enrolledAt, embedding: embeddings.referenceId })
    .from(referenceSignatures)
    .leftJoin(models, eq(models.active, true))
    .leftJoin(embeddings, sql`${embeddings.referenceId} = ${id} AND ${embeddings.modelId} = ${models.id}`)
    .where(sql`${inArray(writerId, [...writerIds])} AND ${eq(state, 'enrolled')}`);
  for (const row of rows) {
    const reference = { writtenAt: row.capturedAt ?? row.enrolledAt, embedded: row.embedding !== null };
    byWriter.set(row.writerId, [...(byWriter.get(row.writerId) ?? []), reference]);
  }
  return byWriter;
}
