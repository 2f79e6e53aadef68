import { describe, expect, it } from 'vitest';
import { failures, madeUp } from './made-up.fixture.js';
import { genuinePairs, skilledForgeryPairs } from './pairs.js';
import { evaluateProtocol } from './protocol.js';

describe('the worst errors', () => {
  const input = madeUp(9, 0.5);
  const report = evaluateProtocol({ ...input, threshold: { value: 1.1, source: 'chosen for the test' }, failures });
  const { falseAccepts, falseRejections } = report.worst!;

  it('begin with the closest accepted forgery and the farthest rejected genuine signature', () => {
    const least = Math.min(...skilledForgeryPairs(input).distance);
    const greatest = Math.max(...genuinePairs(input).distance);
    expect(falseAccepts[0]!.distance).toBe(least);
    expect(falseRejections[0]!.distance).toBe(greatest);
    expect(falseAccepts[0]!.reference).toMatch(new RegExp(`^${falseAccepts[0]!.writer}/`));
  });

  it.each([
    ['false accepts', falseAccepts, 1],
    ['false rejections', falseRejections, -1],
  ] as const)('%s are in order, errors all, of many writers, no image twice', (_, list, direction) => {
    expect(list.length).toBeGreaterThan(2);
    expect(list.length).toBeLessThanOrEqual(8);
    for (const [i, { distance }] of list.entries()) {
      if (i > 0) expect(direction * (distance - list[i - 1]!.distance)).toBeGreaterThanOrEqual(0);
      expect(distance <= 1.1).toBe(direction === 1);
      expect(Number.isFinite(distance)).toBe(true);
    }
    const ids = list.flatMap(({ reference, questioned }) => [reference, questioned]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { writer } of list) expect(list.filter((pair) => pair.writer === writer).length).toBeLessThanOrEqual(2);
  });

  it('are none where there is no error', () => {
    const { worst } = evaluateProtocol({ ...madeUp(6, 30), threshold: { value: 5, source: 'wide' } });
    expect(worst).toEqual({ falseAccepts: [], falseRejections: [] });
  });
});
