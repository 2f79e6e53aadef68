/** The model whose embeddings enrolment and decisions use. */
import { eq } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import type { KeyRing } from './encryption.js';
import { models } from './schema.js';

/** What a store has to know of a model. */
export interface KnownModel {
  readonly id: string;
  /** Numbers of an embedding. */
  readonly dimension: number;
}

/** @returns undefined in a store in which nothing was enrolled yet */
export async function activeModel(queries: Pick<Orm, 'select'>): Promise<KnownModel | undefined> {
  const { id, dimension } = models;
  const [row] = await queries.select({ id, dimension }).from(models).where(eq(models.active, true));
  return row;
}

/** All that were ever enrolled with, the oldest first. */
export async function knownModels(
  queries: Pick<Orm, 'select'>,
): Promise<(KnownModel & { readonly active: boolean })[]> {
  const { id, dimension, active, createdAt } = models;
  return queries.select({ id, dimension, active }).from(models).orderBy(createdAt);
}

/**
 * What is enrolled in the transaction is embedded by the active model, and that model stays active until it ends. In a
 * store without one, this model is put on record and activated.
 *
 * @throws CountersignError MODEL_NOT_ACTIVE
 */
export async function requireActive(
  tx: Transaction,
  keys: KeyRing,
  model: KnownModel,
  by: Pick<AuditEntry, 'at' | 'actor'>,
): Promise<void> {
  const active = (await sharedActive(tx)) ?? (await activateFirst(tx, keys, model, by));
  if (active !== model.id) throw notActive(active, model.id);
}

/**
 * Decisions and policies are by the model that the store's embeddings are of.
 *
 * @throws CountersignError MODEL_NOT_ACTIVE, unless nothing was enrolled yet
 */
export async function requireActiveModel(queries: Pick<Orm, 'select'>, modelId: string): Promise<void> {
  const active = await activeModel(queries);
  if (active === undefined || active.id === modelId) return;
  throw notActive(active.id, modelId);
}

function notActive(active: string | undefined, model: string): CountersignError {
  const message = `Expected ${active}, the active model of the store; ${model} came.`;
  return new CountersignError('MODEL_NOT_ACTIVE', message, { details: { active, model } });
}

async function sharedActive(tx: Transaction): Promise<string | undefined> {
  const [row] = await tx.select({ id: models.id }).from(models).where(eq(models.active, true)).for('share');
  return row?.id;
}

/** @returns this one, or the one of a process that was quicker */
async function activateFirst(
  tx: Transaction,
  keys: KeyRing,
  model: KnownModel,
  by: Pick<AuditEntry, 'at' | 'actor'>,
): Promise<string | undefined> {
  const { id, dimension } = model;
  const row = { id, dimension, active: true, createdAt: by.at };
  const inserted = await tx.insert(models).values(row).onConflictDoNothing().returning();
  if (inserted.length === 0) return sharedActive(tx);
  await appendAudit(tx, keys, { ...by, action: 'model.activated', modelId: id });
  return id;
}
