/** Cases on their way through people's hands, on every database. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { asc, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../src/data/manifest.js';
import { verifyAuditLog } from '../../src/store/audit-log.js';
import { exportPairs } from '../../src/store/export-pairs.js';
import { findCase, listCases } from '../../src/store/review-cases.js';
import { claimCase, decideCase, releaseCase } from '../../src/store/review-queue.js';
import { auditLog, decisions, writers } from '../../src/store/schema.js';
import type { Store } from '../../src/store/store.js';
import { temporaryFolder } from '../temporary-folder.js';
import { AT, by, decideAt, enrolAt, minutes, usePolicy } from './at-work.js';
import { BACKENDS } from './backends.js';
import { onFreshStore } from './fresh-store.js';

describe.each(Object.entries(BACKENDS))('the review queue on %s', (_, start) => {
  let store: Store;
  onFreshStore(start, async (opened) => {
    store = opened;
    await enrolAt(store, 'A');
  });

  /** @returns the id of a case, and its image */
  const newCase = async (writer = 'A', at = AT, policy?: string) => {
    const { caseId, image } = await decideAt(store, writer, 40, { at, ...(policy !== undefined && { policy }) });
    return { id: caseId!, image };
  };
  const twoPeople = async () => {
    await usePolicy(store, 'two', { twoPerson: true });
    return newCase('A', AT, 'two');
  };
  const claim = (actor: string, id?: string, at = AT) => claimCase(store, id, minutes(30), by(actor, at));
  const say = (actor: string, id: string, verdict: 'genuine' | 'forged' | 'inconclusive', at = AT) =>
    decideCase(store, id, { verdict, reason: `${actor} looked` }, by(actor, at));
  const waiting = async (at = AT) => (await listCases(store.database.orm, { at, limit: 99 })).items.map(({ id }) => id);

  it('goes to one person at a time, the oldest first, and is decided with a reason', async () => {
    const [first, second] = [await newCase('A', AT), await newCase('A', minutes(1))];
    const at = minutes(2);
    expect(await waiting(at)).toEqual([first.id, second.id]);
    expect(await claim('ada', undefined, at)).toMatchObject({
      id: first.id,
      state: 'claimed',
      claimedBy: 'ada',
      writer: 'A',
    });
    expect((await claim('bob', undefined, at)).id).toBe(second.id);
    await expect(claim('eve', undefined, at)).rejects.toMatchObject({ code: 'CASE_NOT_AVAILABLE' });
    await expect(claim('eve', first.id, at)).rejects.toThrow(`ada holds it until ${minutes(30).toISOString()}`);
    await expect(say('eve', first.id, 'genuine', at)).rejects.toMatchObject({ code: 'CASE_NOT_AVAILABLE' });
    await expect(say('bob', first.id, 'genuine', at)).rejects.toThrow('bob has not claimed it');
    const decided = await say('ada', first.id.slice(0, 13), 'forged', at);
    expect(decided).toMatchObject({
      ...{ state: 'decided', outcome: 'forged', claimedBy: null, decidedAt: at },
      verdicts: [{ actor: 'ada', verdict: 'forged', reason: 'ada looked', at }],
      network: { result: 'review', policy: null, modelId: 'model-1' },
    });
    expect(await waiting(at)).toEqual([second.id]);
    await expect(claim('eve', first.id, at)).rejects.toThrow('it is decided');
    const log = await store.database.orm.select().from(auditLog).orderBy(asc(auditLog.seq));
    expect(log.slice(-3).map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      ...['ada case.claimed', 'bob case.claimed', 'ada case.verdict'],
    ]);
    expect(JSON.stringify(log)).not.toContain('looked');
    expect(await verifyAuditLog(store.database, store.keys)).toMatchObject({ valid: true });
    // What the network said stays what it said.
    const [row] = await store.database.orm.select().from(decisions).where(eq(decisions.id, decided.network.decisionId));
    expect(row!.result).toBe('review');
  });

  it('is free again when the claim has run out, or is given back', async () => {
    const { id } = await newCase();
    await claim('ada', id);
    expect(await claimCase(store, id, minutes(60), by('ada', minutes(1)))).toMatchObject({
      claimExpiresAt: minutes(60),
    });
    expect(await findCase(store.database.orm, id, minutes(60))).toMatchObject({ state: 'open', claimedBy: null });
    await expect(say('ada', id, 'genuine', minutes(60))).rejects.toThrow('ada has not claimed it');
    await claimCase(store, id, minutes(90), by('bob', minutes(60)));
    await expect(releaseCase(store, id, by('ada', minutes(61)))).rejects.toMatchObject({ code: 'CASE_NOT_AVAILABLE' });
    expect(await releaseCase(store, id, by('bob', minutes(61)))).toMatchObject({ state: 'released', claimedBy: null });
    expect((await claimCase(store, undefined, minutes(90), by('eve', minutes(62)))).id).toBe(id);
  });

  it('needs two of one mind where the policy asks for it, and nobody speaks twice', async () => {
    const { id } = await twoPeople();
    await claim('ada', id);
    expect(await say('ada', id, 'genuine')).toMatchObject({ state: 'open', outcome: null, twoPerson: true });
    await expect(claim('ada', id)).rejects.toThrow('ada has said a verdict on it');
    await expect(claim('ada')).rejects.toMatchObject({ code: 'CASE_NOT_AVAILABLE' });
    await claim('bob');
    expect(await say('bob', id, 'forged')).toMatchObject({ state: 'open', outcome: null });
    await claim('eve');
    expect(await say('eve', id, 'genuine')).toMatchObject({ state: 'decided', outcome: 'genuine' });
  });

  it('goes to one of many who claim at once', async () => {
    const { id } = await newCase();
    const claims = await Promise.allSettled(['a', 'b', 'c', 'd'].map((actor) => claim(actor, id)));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of claims) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CASE_NOT_AVAILABLE' });
    }
  });

  it('refuses what it does not know, and a verdict without a reason', async () => {
    const { id } = await newCase();
    for (const unknown of ['00000000-0000-0000-0000-000000000000', "x' OR 1=1", '']) {
      await expect(claim('ada', unknown)).rejects.toMatchObject({ code: 'CASE_NOT_FOUND' });
    }
    await claim('ada', id);
    const silent = decideCase(store, id, { verdict: 'genuine', reason: ' ' }, by('ada'));
    await expect(silent).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('goes with its writer', async () => {
    await enrolAt(store, 'B');
    const [a, b] = [await newCase('A'), await newCase('B')];
    await store.database.orm.delete(writers).where(eq(writers.externalRef, 'A'));
    expect(await waiting()).toEqual([b.id]);
    await expect(claim('ada', a.id)).rejects.toMatchObject({ code: 'CASE_NOT_FOUND' });
  });

  it('is exported as what `train --data` reads: people’s verdicts and the references, no names', async () => {
    const folder = path.join(await temporaryFolder(), 'pairs');
    await expect(exportPairs(store, folder, by('ada'))).rejects.toMatchObject({ code: 'CASE_NOT_FOUND' });
    const said = ['genuine', 'forged', 'inconclusive'] as const;
    const images: Buffer[] = [];
    for (const verdict of said) {
      const { id, image } = await newCase();
      images.push(image);
      await claim('ada', id);
      await say('ada', id, verdict);
    }
    await newCase();
    const summary = await exportPairs(store, folder, by('ada'));
    expect(summary).toEqual({ folder, writers: 1, genuine: 1 + 3, forged: 1, leftOut: 1 });
    const { samples } = await readManifest(path.join(folder, 'manifest.csv'));
    const writerId = (await store.database.orm.select().from(writers))[0]!.id;
    expect(samples).toHaveLength(5);
    for (const { writer } of samples) expect(writer).toBe(writerId);
    const contents = (kind: string) =>
      samples.filter((sample) => sample.kind === kind).map(({ path: file }) => readFileSync(file));
    expect(contents('forged')).toEqual([images[1]]);
    expect(contents('genuine').some((content) => content.equals(images[0]!))).toBe(true);
    expect(statSync(samples[0]!.path).mode & 0o077).toBe(0);
    const log = await store.database.orm.select().from(auditLog).orderBy(asc(auditLog.seq));
    expect(log.at(-1)).toMatchObject({ action: 'cases.exported', subjectIds: [writerId] });
    expect(log.at(-1)!.imageHashes).toHaveLength(5);
  });

  it('leaves nothing of an export that fails, nor touches what is there', async () => {
    const { id } = await newCase();
    await claim('ada', id);
    await say('ada', id, 'genuine');
    const parent = await temporaryFolder();
    const before = await store.database.orm.$count(auditLog);
    writeFileSync(path.join(parent, 'there'), 'x');
    for (const folder of [path.join(parent, 'there'), path.join(parent, 'there', 'in')]) {
      await expect(exportPairs(store, folder, by('ada'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    expect(readdirSync(parent)).toEqual(['there']);
    expect(await store.database.orm.$count(auditLog)).toBe(before);
  });
});
