/** What takes longer than an answer may: asked for again, it is joined. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OperationName } from '../../src/api/operations.js';
import { enrolWriter } from '../../src/enrol/enrol-writer.js';
import { SharedRuns } from '../../src/server/shared-runs.js';
import { createApiKey } from '../../src/store/api-keys.js';
import { AT, useService } from './running-service.js';
import { genuine } from './signatures.js';

describe('a run that takes long', () => {
  const service = useService();
  const writer = { params: { writer: '4711' } };
  afterEach(() => vi.restoreAllMocks());

  /** The first answer comes too late; those that follow have the time that they need. */
  async function timesOut(name: OperationName) {
    const { timeouts } = service().config;
    const { answerMs } = timeouts;
    timeouts.answerMs = 500;
    try {
      await service().refused(name, writer, 'TIMED_OUT');
    } finally {
      timeouts.answerMs = answerMs;
    }
  }

  /** The real `step` of the store, counted, and held until it is let go on. */
  function held(step: 'transaction' | 'compact') {
    const { database } = service().store;
    const real = database[step] as (...given: unknown[]) => Promise<unknown>;
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const spy = vi.spyOn(database, step).mockImplementation(async (...given: unknown[]) => {
      await gate;
      return real(...given) as never;
    });
    return { go, begun: () => spy.mock.calls.length };
  }

  const enrol = async () => {
    const { store, embedder } = service();
    const references = [{ image: await genuine(1, 1), capturedAt: null }];
    const newWriter = { externalRef: '4711', name: null, expiresAt: null };
    return enrolWriter(store, embedder, newWriter, references, { at: AT, actor: 'test' });
  };
  /** Waits until so many requests wait for a run. */
  function joined() {
    const spy = vi.spyOn(SharedRuns.prototype, 'join');
    return (requests: number) => expect.poll(() => spy.mock.calls.length).toBe(requests);
  }
  const actions = async (action: string) => (await service().ask('listAudit', { query: { action } })).items.length;

  it('of the audit log is one run, and answers whoever asks meanwhile', async () => {
    const { go, begun } = held('transaction');
    const haveJoined = joined();
    await timesOut('verifyAudit');
    const again = [service().ask('verifyAudit'), service().ask('verifyAudit')];
    await haveJoined(3);
    go();
    for (const verified of await Promise.all(again)) expect(verified).toMatchObject({ valid: true });
    expect(begun()).toBe(1);
    await service().ask('verifyAudit');
    expect(begun()).toBe(2);
  });

  it('of an export is on record once for each key that asked, however often it did', async () => {
    await enrol();
    const second = await createApiKey(
      service().store,
      { name: 'second', roles: ['admin'], expiresAt: null },
      { at: AT, actor: 'test' },
    );
    const { go } = held('transaction');
    const haveJoined = joined();
    await timesOut('exportWriter');
    const again = [
      service().ask('exportWriter', writer),
      service().ask('exportWriter', { ...writer, key: second.key }),
    ];
    await haveJoined(3);
    go();
    for (const document of await Promise.all(again)) expect(document.references).toHaveLength(1);
    expect(await actions('writer.exported')).toBe(2);
  });

  it('of an erasure answers the second request with the proof of the first', async () => {
    const { go, begun } = held('compact');
    const haveJoined = joined();
    await timesOut('eraseWriter');
    const again = service().ask('eraseWriter', writer);
    await haveJoined(2);
    go();
    expect((await again).writers).toHaveLength(1);
    expect(begun()).toBe(1);
    expect(await actions('writer.erased')).toBe(1);
    await service().refused('eraseWriter', writer, 'WRITER_NOT_FOUND');
  });

  it('is not joined for a writer who got the number of one who is being erased', async () => {
    await enrol();
    const { go, begun } = held('compact');
    await timesOut('eraseWriter');
    const { writerId } = await enrol();
    const again = service().ask('eraseWriter', writer);
    await expect.poll(begun).toBe(2);
    go();
    expect((await again).writers).toMatchObject([{ id: writerId }]);
    await service().refused('getWriter', writer, 'WRITER_NOT_FOUND');
  });

  it('that failed is begun again', async () => {
    const runs = new SharedRuns<number>();
    const failing = () => Promise.reject(new Error('no'));
    await expect(runs.join('a', undefined, failing)).rejects.toThrow('no');
    expect(await runs.join('a', undefined, async () => 7)).toBe(7);
  });
});
