/** Changes what the operator set, and what depends on it: states of writers at once, the sealing of embeddings a few at a time. */
import type { EnrolmentSettings } from '../verify/enrolment-settings.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import { isCompactionDue, recordDue, rewriteTables } from './compaction.js';
import { settings } from './schema.js';
import { embeddingsToFollow, sealEmbeddingsAsSet } from './seal-embeddings.js';
import { ENROLMENT, lockEnrolmentSettings, readEnrolmentSettings } from './settings.js';
import type { Store } from './store.js';
import { refreshStates } from './writer-states.js';

export interface SettingsChange {
  /** All of them. */
  readonly settings: EnrolmentSettings;
  /** Writers that are in another state now. */
  readonly statesChanged: number;
  /** Embeddings that were there, and were sealed or opened now. */
  readonly embeddingsChanged: number;
  /** Whether files still hold bytes of embeddings as they were before they were sealed, until `compactStore`: on a server. */
  readonly compactionDue: boolean;
}

/**
 * Sets what is named, leaves the rest. Where embeddings are to be sealed, those that are there are, and in a folder the tables
 * are rewritten. Interrupted in that, the same call goes on.
 *
 * @param onProgress - embeddings sealed or opened so far
 * @throws CountersignError KEY_MISSING, DECRYPTION_FAILED
 */
export async function changeEnrolmentSettings(
  store: Store,
  changes: Partial<EnrolmentSettings>,
  by: Pick<AuditEntry, 'at' | 'actor'>,
  onProgress?: (done: number) => void,
): Promise<SettingsChange> {
  const { database, keys } = store;
  const changed = await database.transaction(async (tx) => {
    await lockEnrolmentSettings(tx);
    const document = { ...(await readEnrolmentSettings(tx)), ...changes };
    const row = { document, updatedAt: by.at, updatedBy: by.actor };
    await tx
      .insert(settings)
      .values({ name: ENROLMENT, ...row })
      .onConflictDoUpdate({ target: settings.name, set: row });
    const statesChanged = await refreshStates(tx, document, by.at);
    const details = { ...document, statesChanged };
    const seq = await appendAudit(tx, keys, { ...by, action: 'settings.changed', details });
    if (changes.sealEmbeddings && (await embeddingsToFollow(tx)) > 0) await recordDue(tx, seq, by);
    return { settings: document, statesChanged };
  });
  if (changes.sealEmbeddings === undefined) return { ...changed, embeddingsChanged: 0, compactionDue: false };
  const embeddingsChanged = await sealEmbeddingsAsSet(store, by, onProgress);
  let compactionDue = changes.sealEmbeddings && (await isCompactionDue(database.orm));
  if (compactionDue && database.location.kind === 'folder') {
    await rewriteTables(store, by, []);
    compactionDue = false;
  }
  return { ...changed, embeddingsChanged, compactionDue };
}
