/** Documents that several signed, decided anew when people have spoken on all of their cases: on every database. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { asc, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createDecider } from '../../src/decide/decide.js';
import { policySchema } from '../../src/policy/document.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { createWriter } from '../../src/store/enrol.js';
import { eraseWriters } from '../../src/store/erase.js';
import { exportWriter } from '../../src/store/export-writer.js';
import { findDecision } from '../../src/store/list-decisions.js';
import { activatePolicy, addPolicy } from '../../src/store/policies.js';
import type { Verdict } from '../../src/store/review-cases.js';
import { claimCase, decideCase } from '../../src/store/review-queue.js';
import { auditLog, mandateDecisions } from '../../src/store/schema.js';
import type { Store } from '../../src/store/store.js';
import { temporaryFolder } from '../temporary-folder.js';
import { BACKENDS } from './backends.js';
import { onFreshStore } from './fresh-store.js';
import { CALIBRATED, madeUpEmbedder, signedAt } from './made-up-embedder.js';
import { newReference } from './new-reference.js';

const AT = new Date('2026-03-29T01:59:59.123Z');
const LATER = new Date('2026-03-29T03:00:00Z');
const by = (actor: string, at = AT) => ({ at, actor });
const MODEL = { ...CALIBRATED, dimension: 4 };
/** Degrees from the references' middle: accepted, left to a person, rejected. */
const [CLOSE, BETWEEN, FAR] = [2, 30, 80];

describe.each(Object.entries(BACKENDS))('a document on %s', (_, start) => {
  let store: Store;
  const writerIds: Record<string, string> = {};
  onFreshStore(start, async (opened) => {
    store = opened;
    for (const externalRef of ['A', 'B', 'C']) {
      const references = [0, 10, 20].map((degrees) => newReference(degrees));
      const enrolled = await store.database.transaction((tx) =>
        createWriter(tx, store.keys, { externalRef, name: null, expiresAt: null }, references, MODEL, by('clerk')),
      );
      writerIds[externalRef] = enrolled.writerId;
    }
    const document = policySchema.parse({
      ...{ schema: 'countersign/policy@1', name: 'two', title: 'Two', bands: [{ far: 0.05, frr: 0.05 }] },
      mandate: { panels: { directors: ['A', 'B', 'C'] }, rule: { panel: 'directors', count: 2 } },
    });
    await activatePolicy(store, await addPolicy(store, document, by('ada')), CALIBRATED, AT, by('ada'));
  });

  const sign = (said: Readonly<Record<string, number>>) => {
    const signatures = Object.entries(said).map(([writer, degrees]) => ({ writer, image: signedAt(10 + degrees) }));
    return createDecider(store, madeUpEmbedder(CALIBRATED)).decide({ signatures, policy: 'two' }, by('teller'));
  };
  const say = async (caseId: string | null, verdict: Verdict) => {
    await claimCase(store, caseId!, new Date(LATER.getTime() + 1), by('eve', LATER));
    return decideCase(store, caseId!, { verdict, reason: 'looked' }, by('eve', LATER));
  };
  const rows = (action: string) =>
    store.database.orm.select().from(auditLog).where(eq(auditLog.action, action)).orderBy(asc(auditLog.seq));

  it('is decided anew with its last case, on record, apart from what the network said', async () => {
    const { signatures, mandateDecisionId, decision, reasons } = await sign({ A: BETWEEN, B: BETWEEN });
    expect(decision).toBe('review');
    const [a, b] = signatures;
    const network = { mandateDecisionId, decision: 'review', reasons };
    expect((await say(a!.caseId, 'genuine')).document).toEqual({ ...network, reviewed: null });
    expect(await rows('mandate.reviewed')).toEqual([]);
    const reviewed = { decision: 'accept', reasons: ['The accepted signatures fulfil the mandate.'], at: LATER };
    expect((await say(b!.caseId, 'genuine')).document).toEqual({ ...network, reviewed });
    const { orm } = store.database;
    expect(await findDecision(orm, a!.decisionId, LATER)).toMatchObject({ decision: 'review', document: { reviewed } });
    const subjectIds = expect.arrayContaining([mandateDecisionId, writerIds.A, writerIds.B]);
    expect(await rows('mandate.reviewed')).toMatchObject([
      { actor: 'eve', at: LATER, result: 'accept', policy: 'two 1', subjectIds },
    ]);
    expect(await rows('mandate.decided')).toMatchObject([{ actor: 'teller', result: 'review' }]);
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });

    const folder = path.join(await temporaryFolder(), 'export');
    await exportWriter(store, 'A', folder, by('ada'));
    const { documents } = JSON.parse(readFileSync(path.join(folder, 'writer.json'), 'utf8'));
    expect(documents).toMatchObject([{ id: mandateDecisionId, result: 'review', reviewedResult: 'accept' }]);
  });

  it('is rejected where people find a signature forged, beside enough others as well', async () => {
    const two = await sign({ A: CLOSE, B: BETWEEN });
    expect((await say(two.signatures[1]!.caseId, 'forged')).document!.reviewed!.decision).toBe('reject');
    const beside = await sign({ A: CLOSE, B: CLOSE + 1, C: FAR });
    expect(beside.decision).toBe('review');
    const { reviewed } = (await say(beside.signatures[2]!.caseId, 'forged')).document!;
    expect(reviewed).toMatchObject({
      decision: 'reject',
      reasons: [expect.stringContaining('one signature is rejected')],
    });
    const genuine = await sign({ A: CLOSE, B: CLOSE + 1, C: FAR });
    expect((await say(genuine.signatures[2]!.caseId, 'genuine')).document!.reviewed!.decision).toBe('accept');
    const unclear = await sign({ A: CLOSE, B: BETWEEN });
    expect((await say(unclear.signatures[1]!.caseId, 'inconclusive')).document!.reviewed!.decision).toBe(
      'inconclusive',
    );
  });

  it('is decided anew where its last case that waited goes with an erased signer', async () => {
    const open = await sign({ A: BETWEEN, B: BETWEEN });
    await say(open.signatures[0]!.caseId, 'genuine');
    await eraseWriters(store, ['B'], by('dpo', LATER), { compact: false });
    const isOpen = eq(mandateDecisions.id, open.mandateDecisionId!);
    expect(await store.database.orm.select().from(mandateDecisions).where(isOpen)).toMatchObject([
      { reviewedResult: 'inconclusive', reviewedReasons: [expect.stringContaining('was erased')] },
    ]);
    expect(await rows('mandate.reviewed')).toHaveLength(1);
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
  });

  it('cannot be decided any more where a signer was erased first; what was decided stays', async () => {
    const open = await sign({ A: BETWEEN, B: CLOSE });
    const done = await sign({ A: BETWEEN + 1, B: CLOSE });
    await say(done.signatures[0]!.caseId, 'genuine');
    await eraseWriters(store, ['B'], by('dpo'), { compact: false });
    const { reviewed } = (await say(open.signatures[0]!.caseId, 'genuine')).document!;
    expect(reviewed).toMatchObject({ decision: 'inconclusive', reasons: [expect.stringContaining('was erased')] });
    const { orm } = store.database;
    const isDone = eq(mandateDecisions.id, done.mandateDecisionId!);
    expect(await orm.select().from(mandateDecisions).where(isDone)).toMatchObject([{ reviewedResult: 'accept' }]);
  });
});
