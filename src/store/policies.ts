/** Policies: each version is stored once and stays as it is; which of them holds, and since when, is on record beside it. */
import { and, asc, desc, eq, gt, isNotNull, isNull, lt, lte, ne, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { canonicalJson } from '../data/canonical-json.js';
import { sha256 } from '../data/content-hash.js';
import type { ModelMetadata } from '../nn/model-metadata.js';
import { requireSupport } from '../policy/apply.js';
import { type Policy, policySchema } from '../policy/document.js';
import { requireActiveModel } from './active-model.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm, Transaction } from './database.js';
import { type Page, type PageRequest, pageOf, readCursor } from './page.js';
import { policies } from './schema.js';
import { withNumbers, withSignerIds } from './signers.js';
import type { Store } from './store.js';

type By = Pick<AuditEntry, 'at' | 'actor'>;

export interface PolicyVersion {
  readonly name: string;
  readonly version: number;
  readonly document: Policy;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Null where it was never activated. */
  readonly activeFrom: Date | null;
  /** Null where no end is set. */
  readonly activeTo: Date | null;
}

/** `cheques 2`, as the audit log names it. */
export const policyTitle = ({ name, version }: Pick<PolicyVersion, 'name' | 'version'>) => `${name} ${version}`;

/**
 * Stores the document as the next version of its name; it decides nothing until it is activated.
 *
 * @param policy - its mandate names signers by the operator's numbers
 * @returns the version with the document as it came
 * @throws CountersignError WRITER_NOT_FOUND for a signer who is not enrolled, AUDIT_LOG_BROKEN
 */
export function addPolicy({ database, keys }: Store, policy: Policy, by: By): Promise<PolicyVersion> {
  return database.transaction(async (tx) => {
    await lockName(tx, policy.name);
    const document = await withSignerIds(tx, policy);
    const [last] = await versionsOf(tx, policy.name).limit(1);
    const row = {
      ...{ name: policy.name, version: (last?.version ?? 0) + 1, document },
      ...{ createdAt: by.at, createdBy: by.actor, activeFrom: null, activeTo: null },
    };
    await tx.insert(policies).values(row);
    const details = { sha256: sha256(canonicalJson(document)) };
    await appendAudit(tx, keys, { ...by, action: 'policy.added', policy: policyTitle(row), details });
    return { ...row, document: policy };
  });
}

export interface PolicyFilter extends PageRequest {
  /** Only versions of this policy. */
  readonly name?: string | undefined;
}

/**
 * @returns versions by the name of their policy, the newest of each first; their mandates name signers by the operator's
 *   numbers
 * @throws CountersignError INVALID_ARGUMENT for a cursor of another list
 */
export async function listPolicies(
  queries: Pick<Orm, 'select'>,
  { name, ...page }: PolicyFilter,
): Promise<Page<PolicyVersion>> {
  const after = readCursor(page.cursor, z.tuple([policySchema.shape.name, z.int32()]));
  const isBehind =
    after && or(gt(policies.name, after[0]), and(eq(policies.name, after[0]), lt(policies.version, after[1])));
  const rows = await queries
    .select()
    .from(policies)
    .where(and(name === undefined ? undefined : eq(policies.name, name), isBehind))
    .orderBy(asc(policies.name), desc(policies.version))
    .limit(page.limit + 1);
  const { items, nextCursor } = pageOf(rows, page, ({ name, version }) => [name, version]);
  return { items: await withNumbers(queries, items.map(read)), nextCursor };
}

/** @param version - without it the newest. @throws CountersignError POLICY_NOT_FOUND */
export async function findPolicy(queries: Pick<Orm, 'select'>, name: string, version?: number): Promise<PolicyVersion> {
  const [row] = await versionsOf(queries, name, version).limit(1);
  if (row !== undefined) return read(row);
  const what =
    version === undefined ? `There is no policy ${name}` : `There is no version ${version} of policy ${name}`;
  throw new CountersignError('POLICY_NOT_FOUND', `${what}.`);
}

/** The version that holds at the instant. @throws CountersignError POLICY_NOT_FOUND, POLICY_NOT_APPLICABLE */
export async function activePolicy(queries: Pick<Orm, 'select'>, name: string, at: Date): Promise<PolicyVersion> {
  const { activeFrom, activeTo } = policies;
  const isActive = and(lte(activeFrom, at), or(isNull(activeTo), gt(activeTo, at)));
  const [row] = await queries
    .select()
    .from(policies)
    .where(and(eq(policies.name, name), isActive));
  if (row !== undefined) return read(row);
  await findPolicy(queries, name);
  throw new CountersignError('POLICY_NOT_APPLICABLE', `No version of policy ${name} is active at ${at.toISOString()}.`);
}

export interface UnkeptPolicy extends Pick<PolicyVersion, 'name' | 'version'> {
  /** In words. */
  readonly reason: string;
}

/** Versions that hold, now or later, and whose rates the calibration of a model cannot keep: by it they would decide nothing. */
export async function unkeptPolicies(
  queries: Pick<Orm, 'select'>,
  model: ModelMetadata,
  at: Date,
): Promise<UnkeptPolicy[]> {
  const { activeFrom, activeTo, name, version } = policies;
  const rows = await queries
    .select()
    .from(policies)
    .where(and(isNotNull(activeFrom), or(isNull(activeTo), gt(activeTo, at))))
    .orderBy(asc(name), asc(version));
  return rows.map(read).flatMap((policy) => {
    try {
      requireSupport(policy.document, model);
      return [];
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      return [{ name: policy.name, version: policy.version, reason: error.message }];
    }
  });
}

/**
 * From an instant on this version holds, and no other of its name.
 *
 * @param model - the store's active one, whose calibration has to keep what the policy asks for
 * @throws CountersignError TARGET_UNSUPPORTED with the reason; POLICY_NOT_FOUND, MODEL_NOT_ACTIVE, AUDIT_LOG_BROKEN;
 *   INVALID_ARGUMENT for an instant that has passed
 */
export async function activatePolicy(
  { database, keys }: Store,
  { name, version }: Pick<PolicyVersion, 'name' | 'version'>,
  model: ModelMetadata,
  from: Date,
  by: By,
): Promise<PolicyVersion & { readonly notToCome: readonly number[] }> {
  if (from < by.at) {
    throw new CountersignError('INVALID_ARGUMENT', `Expected an instant to come; ${from.toISOString()} has passed.`);
  }
  return database.transaction(async (tx) => {
    await lockName(tx, name);
    const policy = await findPolicy(tx, name, version);
    await requireActiveModel(tx, model.id);
    requireSupport(policy.document, model);
    if (policy.activeFrom !== null && policy.activeTo !== null && policy.activeTo > by.at && policy.activeTo <= from) {
      const message = `${policyTitle(policy)} holds from ${policy.activeFrom.toISOString()} until ${policy.activeTo.toISOString()}, and a version holds once: add the document as a new version to let it hold again from ${from.toISOString()}.`;
      throw new CountersignError('INVALID_ARGUMENT', message);
    }
    const { activeFrom, activeTo } = policies;
    const others = and(eq(policies.name, name), ne(policies.version, version));
    const dropped = await tx
      .update(policies)
      .set({ activeFrom: null, activeTo: null })
      .where(and(others, sql`${activeFrom} >= ${from}`))
      .returning({ version: policies.version });
    const notToCome = dropped.map((other) => other.version).sort((a, b) => a - b);
    await tx
      .update(policies)
      .set({ activeTo: from })
      .where(and(others, or(isNull(activeTo), gt(activeTo, from)), lte(activeFrom, from)));
    const holds =
      policy.activeFrom !== null && policy.activeFrom <= from && !(policy.activeTo && policy.activeTo <= from);
    const activity = { activeFrom: holds ? policy.activeFrom : from, activeTo: null };
    await tx
      .update(policies)
      .set(activity)
      .where(and(eq(policies.name, name), eq(policies.version, version)));
    await appendAudit(tx, keys, {
      ...{ ...by, action: 'policy.activated', policy: policyTitle(policy), modelId: model.id },
      details: { from: from.toISOString(), ...(notToCome.length > 0 && { notToCome }) },
    });
    return { ...policy, ...activity, notToCome };
  });
}

function versionsOf(queries: Pick<Orm, 'select'>, name: string, version?: number) {
  const isVersion = version === undefined ? undefined : eq(policies.version, version);
  return queries
    .select()
    .from(policies)
    .where(and(eq(policies.name, name), isVersion))
    .orderBy(desc(policies.version));
}

/** Until the transaction ends nobody else adds or activates a version of this name. */
async function lockName(tx: Transaction, name: string): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('policy'), hashtext(${name}))`);
}

function read({ document, ...row }: typeof policies.$inferSelect): PolicyVersion {
  const parsed = policySchema.safeParse(document);
  if (parsed.success) return { ...row, document: parsed.data };
  throw new CountersignError('STORE_DAMAGED', `Policy ${policyTitle(row)} is not what this program writes.`);
}
