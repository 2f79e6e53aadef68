/** What the operator set; all processes of a store read it there. */
import { eq } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type EnrolmentSettings, enrolmentSettingsSchema } from '../verify/enrolment-settings.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Orm } from './database.js';
import { settings } from './schema.js';
import type { Store } from './store.js';
import { refreshStates } from './writer-states.js';

const ENROLMENT = 'enrolment';

/** @throws CountersignError STORE_DAMAGED */
export async function readEnrolmentSettings(queries: Pick<Orm, 'select'>): Promise<EnrolmentSettings> {
  const [row] = await queries.select().from(settings).where(eq(settings.name, ENROLMENT));
  const parsed = enrolmentSettingsSchema.safeParse(row?.document ?? {});
  if (parsed.success) return parsed.data;
  throw new CountersignError('STORE_DAMAGED', 'The settings of enrolment are not what this program writes.');
}

/** Sets what is named, leaves the rest; states of writers follow. @returns all of them, and how many states changed */
export function changeEnrolmentSettings(
  { database, keys }: Store,
  changes: Partial<EnrolmentSettings>,
  by: Pick<AuditEntry, 'at' | 'actor'>,
): Promise<{ settings: EnrolmentSettings; statesChanged: number }> {
  return database.transaction(async (tx) => {
    const document = { ...(await readEnrolmentSettings(tx)), ...changes };
    const row = { document, updatedAt: by.at, updatedBy: by.actor };
    await tx
      .insert(settings)
      .values({ name: ENROLMENT, ...row })
      .onConflictDoUpdate({ target: settings.name, set: row });
    const statesChanged = await refreshStates(tx, document, by.at);
    await appendAudit(tx, keys, { ...by, action: 'settings.changed', details: { ...document, statesChanged } });
    return { settings: document, statesChanged };
  });
}
