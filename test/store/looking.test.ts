/** Looking at what is enrolled: images, each time on record, and how far references lie from each other. */
import { describe, expect, it } from 'vitest';
import { writerConsistency } from '../../src/enrol/writer-consistency.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { listAudit } from '../../src/store/audit-rows.js';
import { confirmReference, retireReference } from '../../src/store/change-writer.js';
import { readCaseImage, readReferenceImage } from '../../src/store/read-image.js';
import type { Store } from '../../src/store/store.js';
import { AT, by, decideAt, enrolAt, minutes } from './at-work.js';
import { BACKENDS } from './backends.js';
import { onFreshStore } from './fresh-store.js';
import { CALIBRATED, calibrated } from './made-up-embedder.js';

describe.each(Object.entries(BACKENDS))('looking at a store on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, (opened) => {
    store = opened;
  });

  it('opens an image, and says in the log who saw which', async () => {
    const { references, writerId } = await enrolAt(store, 'A');
    await enrolAt(store, 'B');
    const { caseId, decisionId } = await decideAt(store, 'A', 40);
    const { id, imageHash } = references[1]!;
    const reference = await readReferenceImage(store, 'A', id, by('ada', minutes(1)));
    expect(reference).toMatchObject({ imageHash, mediaType: 'application/octet-stream' });
    expect(reference.bytes).toHaveLength(400);
    await retireReference(store, 'A', id, by('ada', minutes(2)));
    await readReferenceImage(store, 'A', id, by('bob', minutes(3))); // what was compared with once can still be seen
    const questioned = await readCaseImage(store, caseId!, by('eve', minutes(4)));
    expect(questioned.bytes.toString()).toMatch(/^40 degrees/);

    const rows = async (action: string) =>
      (await listAudit(store.database.orm, { order: 'oldest', limit: 9, action })).items;
    expect(await rows('reference.image.read')).toMatchObject([
      { actor: 'ada', at: minutes(1), subjectIds: [writerId, id], imageHashes: [imageHash] },
      { actor: 'bob', at: minutes(3), subjectIds: [writerId, id], imageHashes: [imageHash] },
    ]);
    expect(await rows('case.image.read')).toMatchObject([
      { actor: 'eve', subjectIds: [caseId, decisionId, writerId], imageHashes: [questioned.imageHash] },
    ]);
    await expect(readReferenceImage(store, 'B', id, by('ada'))).rejects.toMatchObject({ code: 'REFERENCE_NOT_FOUND' });
    await expect(readReferenceImage(store, 'C', id, by('ada'))).rejects.toMatchObject({ code: 'WRITER_NOT_FOUND' });
    await expect(readCaseImage(store, id, by('ada'))).rejects.toMatchObject({ code: 'CASE_NOT_FOUND' });
    expect(await rows('reference.image.read')).toHaveLength(2);
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
  });

  it('says how far references lie from each other, and which one does not fit', async () => {
    const angles = [0, 10, 150, 20];
    const { references } = await enrolAt(store, 'A', angles);
    const ids = references.map(({ id }) => id);
    const apart = (a: number, b: number) => 2 * Math.sin((Math.abs(a - b) * Math.PI) / 360);
    const angleOf = (id: string) => angles[ids.indexOf(id)]!;
    const look = () => writerConsistency(store, CALIBRATED, 'A', AT);
    const first = await look();
    expect(first).toMatchObject({ modelId: 'model-1', threshold: 0.5 });
    expect(new Set(first.references.map(({ id }) => id))).toEqual(new Set(ids));
    expect(first.distances).toEqual(
      first.references.map((a) => first.references.map((b) => expect.closeTo(apart(angleOf(a.id), angleOf(b.id)), 6))),
    );
    const mutual = (apart(0, 10) + apart(0, 20) + apart(10, 20)) / 3;
    expect(first.spread).toBeCloseTo(mutual, 6);
    const of = ({ references }: typeof first, i: number) => references.find(({ id }) => id === ids[i])!;
    // By energy: the mean distance to the three others, less half of their own.
    const stray = (apart(150, 0) + apart(150, 10) + apart(150, 20)) / 3 - mutual / 2;
    expect(of(first, 2)).toMatchObject({ state: 'doubtful', confirmedBy: null, distance: expect.closeTo(stray, 6) });
    expect(of(first, 2).doubt).toEqual(references[2]!.doubt);
    expect(of(first, 2).misfit!.reason).toContain('a skilled forgery');
    const fits = (apart(0, 10) + apart(0, 20)) / 2 - apart(10, 20) / 2;
    expect(of(first, 0)).toMatchObject({ distance: expect.closeTo(fits, 6), doubt: null, misfit: null });

    await confirmReference(store, 'A', ids[2]!, by('ada'));
    await retireReference(store, 'A', ids[3]!, by('ada'));
    const second = await look();
    expect(second.references.map(({ id }) => id)).not.toContain(ids[3]);
    expect(of(second, 2)).toMatchObject({ state: 'enrolled', confirmedBy: 'ada' });
    expect(of(second, 2).misfit).not.toBeNull(); // the model still thinks so
    expect(second.spread).toBeCloseTo((apart(0, 10) + apart(0, 150) + apart(10, 150)) / 3, 6);

    await enrolAt(store, 'alone', [0]);
    expect(await writerConsistency(store, CALIBRATED, 'alone', AT)).toMatchObject({
      ...{ distances: [[0]], spread: null, references: [{ distance: null, misfit: null }] },
    });
    await expect(writerConsistency(store, calibrated('other'), 'A', AT)).rejects.toMatchObject({
      code: 'MODEL_NOT_ACTIVE',
    });
    await expect(writerConsistency(store, CALIBRATED, 'nobody', AT)).rejects.toMatchObject({
      code: 'WRITER_NOT_FOUND',
    });
  });
});
