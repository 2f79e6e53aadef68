/** What people decided, as training data: a folder with the images and the manifest that `train --data` reads. */
import { and, asc, eq, inArray } from 'drizzle-orm';
import { CountersignError } from '../core/errors.js';
import { writeFolderAtomic } from '../data/atomic-folder.js';
import { OWNER_ONLY_FOLDER } from '../data/make-folder.js';
import { sniffFormat } from '../image/file-format.js';
import { type AuditEntry, appendAudit } from './audit-log.js';
import type { Transaction } from './database.js';
import { writeOwnerOnly } from './owner-only.js';
import { readCases } from './review-cases.js';
import { cases, referenceSignatures } from './schema.js';
import { questionedImageRow, referenceImageRow } from './sealed-columns.js';
import type { Store } from './store.js';

export interface ExportSummary {
  readonly folder: string;
  readonly writers: number;
  readonly genuine: number;
  readonly forged: number;
  /** Cases that say nothing: decided as inconclusive. */
  readonly leftOut: number;
}

interface Exported {
  /** Under the folder: `<writer's id>/genuine/<SHA-256>.png`. */
  readonly path: string;
  readonly writerId: string;
  readonly kind: 'genuine' | 'forged';
  readonly imageHash: string;
  readonly image: Buffer;
}

/**
 * Questioned signatures of decided cases, genuine or forged as people said, and the references of their writers. Writers
 * go by their ids: no number and no name leaves. The folder appears whole or not at all, after it is on record.
 *
 * @param folder - must not exist, or be empty
 * @throws CountersignError INVALID_ARGUMENT for a folder that holds something, CASE_NOT_FOUND where nothing was decided,
 *   WRITE_FAILED, KEY_MISSING, DECRYPTION_FAILED
 */
export async function exportPairs(
  store: Store,
  folder: string,
  by: Pick<AuditEntry, 'at' | 'actor'>,
): Promise<ExportSummary> {
  let summary: ExportSummary | undefined;
  await writeFolderAtomic(
    folder,
    async (whole) => {
      summary = await store.database.transaction(async (tx) => {
        const { images, leftOut } = await collect(tx, store, by.at);
        if (images.length === 0) {
          throw new CountersignError('CASE_NOT_FOUND', 'No case was decided as genuine or forged.');
        }
        await writeAll(whole, images);
        const number = (kind: Exported['kind']) => images.filter((image) => image.kind === kind).length;
        const subjectIds = [...new Set(images.map(({ writerId }) => writerId))];
        const counts = { writers: subjectIds.length, genuine: number('genuine'), forged: number('forged'), leftOut };
        const imageHashes = images.map(({ imageHash }) => imageHash);
        await appendAudit(tx, store.keys, {
          ...by,
          action: 'cases.exported',
          subjectIds,
          imageHashes,
          details: counts,
        });
        return { folder, ...counts };
      });
    },
    { mode: OWNER_ONLY_FOLDER },
  );
  return summary!;
}

async function collect(
  tx: Transaction,
  { keys }: Store,
  at: Date,
): Promise<{ readonly images: readonly Exported[]; readonly leftOut: number }> {
  const decided = await readCases(tx, eq(cases.state, 'decided'), at);
  const images = new Map<string, Exported>(); // by path: one signature may have been questioned twice
  const add = (writerId: string, kind: Exported['kind'], imageHash: string, image: Buffer) => {
    const file = `${writerId}/${kind}/${imageHash}.${sniffFormat(image) ?? 'image'}`;
    images.set(file, { path: file, writerId, kind, imageHash, image });
  };
  const writerIds = new Set<string>();
  for (const { id, writerId, outcome, network } of decided) {
    if (outcome !== 'genuine' && outcome !== 'forged') continue;
    const [row] = await tx.select({ image: cases.questionedImage }).from(cases).where(eq(cases.id, id));
    if (!row?.image) continue;
    add(writerId, outcome, network.imageHash, keys.open(row.image, questionedImageRow(id)));
    writerIds.add(writerId);
  }
  const leftOut = decided.filter(({ outcome }) => outcome === 'inconclusive').length;
  if (writerIds.size === 0) return { images: [], leftOut };
  const { id, writerId, image, imageHash, state } = referenceSignatures;
  const references = await tx
    .select({ id, writerId, image, imageHash })
    .from(referenceSignatures)
    .where(and(inArray(writerId, [...writerIds]), eq(state, 'enrolled')))
    .orderBy(asc(writerId), asc(id));
  for (const row of references) {
    add(row.writerId, 'genuine', row.imageHash, keys.open(row.image, referenceImageRow(row.id)));
  }
  return { images: [...images.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), leftOut };
}

async function writeAll(folder: string, images: readonly Exported[]): Promise<void> {
  for (const { path: file, image } of images) await writeOwnerOnly(folder, file, image);
  const lines = images.map(({ path: file, writerId, kind }) => `${file},${writerId},${kind}\n`);
  await writeOwnerOnly(folder, 'manifest.csv', ['path,writer,kind\n', ...lines].join(''));
}
