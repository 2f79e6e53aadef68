/** What the operator set; all processes of a store read it there. */
import { eq, sql } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type EnrolmentSettings, enrolmentSettingsSchema } from '../verify/enrolment-settings.js';
import type { Orm, Transaction } from './database.js';
import { settings } from './schema.js';

/** Name of the row. */
export const ENROLMENT = 'enrolment';

/** @throws CountersignError STORE_DAMAGED */
export async function readEnrolmentSettings(queries: Pick<Orm, 'select'>): Promise<EnrolmentSettings> {
  const [row] = await queries.select().from(settings).where(eq(settings.name, ENROLMENT));
  const parsed = enrolmentSettingsSchema.safeParse(row?.document ?? {});
  if (parsed.success) return parsed.data;
  throw new CountersignError('STORE_DAMAGED', 'The settings of enrolment are not what this program writes.');
}

/** Of the advisory lock on them. */
const LOCK = sql`hashtext('settings'), hashtext(${ENROLMENT})`;

/**
 * Nobody changes the settings until the transaction ends: what is written by them holds. Taken before any writer is locked, as
 * whoever changes them does, so that no two transactions wait for each other.
 */
export async function holdEnrolmentSettings(tx: Transaction): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock_shared(${LOCK})`);
}

/** Waits for all who hold them; who comes next reads what this transaction makes of them. */
export async function lockEnrolmentSettings(tx: Transaction): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${LOCK})`);
}
