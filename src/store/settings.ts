/** What the operator set; all processes of a store read it there. */
import { eq } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { type EnrolmentSettings, enrolmentSettingsSchema } from '../verify/enrolment-settings.js';
import type { Orm } from './database.js';
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
