/** Lists that a program walks to their end, while others write. */
import { describe, expect, it } from 'vitest';
import { useService } from './running-service.js';

describe('a list', () => {
  const service = useService();
  const enrol = (writer: string) => service().ask('enrolWriter', { body: { writer } });

  /** All pages to the end. @param ask - for the next one */
  async function walk<Item>(
    ask: (cursor: { readonly cursor?: string }) => Promise<{ items: Item[]; nextCursor: string | null }>,
    meanwhile?: () => unknown,
  ): Promise<Item[]> {
    const items: Item[] = [];
    let page = await ask({});
    while (true) {
      items.push(...page.items);
      if (page.nextCursor === null) return items;
      await meanwhile?.();
      page = await ask({ cursor: page.nextCursor });
    }
  }
  const rows = (query: Readonly<Record<string, string | number>>) =>
    walk((cursor) => service().ask('listAudit', { query: { ...query, ...cursor } }));

  it('has each writer once, who was there all along', async () => {
    const numbers = Array.from({ length: 9 }, (_, i) => `W${i}`);
    for (const number of numbers) await enrol(number);
    let others = 0;
    const seen = await walk(
      (cursor) => service().ask('listWriters', { query: { limit: 2, ...cursor } }),
      () => Promise.all([enrol(`V${others}`), enrol(`W${others}x`), enrol(`X${others++}`)]),
    );
    const found = seen.map(({ externalRef }) => externalRef);
    expect(found.filter((number) => numbers.includes(number))).toEqual(numbers);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual([...found].sort());
    expect((await service().ask('listWriters', { query: { limit: 200 } })).nextCursor).toBeNull();
  });

  it('of the audit log is followed as it grows', async () => {
    const begun = await rows({ limit: 5, order: 'oldest' });
    await enrol('late');
    const last = begun.at(-1)!;
    const { items } = await service().ask('listAudit', { query: { order: 'oldest', after: last.seq } });
    expect(items).toMatchObject([{ seq: last.seq + 1, action: 'writer.enrolled', actor: 'admin' }]);
    const backwards = await rows({ limit: 50, action: 'writer.enrolled' });
    const seqs = backwards.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
    expect(JSON.stringify(backwards)).not.toMatch(/"W\d"|"late"/);
  });

  it('refuses a query that it does not know', async () => {
    const { nextCursor } = await service().ask('listWriters', { query: { limit: 1 } });
    for (const query of [
      ...[{ limit: 0 }, { limit: 201 }, { limit: 'many' }, { limit: 1.5 }, { page: 2 }],
      ...[{ state: 'gone' }, { doubtful: 'perhaps' }, { search: '' }, { search: 'a\0' }, { cursor: '' }],
    ]) {
      await service().refused('listWriters', { query: { ...query } as never }, 'REQUEST_INVALID');
    }
    for (const name of ['listAudit', 'listCases', 'listPolicies'] as const) {
      await service().refused(name, { query: { cursor: nextCursor! } }, 'INVALID_ARGUMENT');
    }
    const zero = Buffer.from(JSON.stringify(['\0'])).toString('base64url');
    await service().refused('listWriters', { query: { cursor: zero } }, 'INVALID_ARGUMENT');
    await service().refused('listAudit', { query: { subject: "x'" } }, 'REQUEST_INVALID');
    await service().refused('listCases', { query: { state: 'lost' } }, 'REQUEST_INVALID');
  });
});
