import { describe, expect, it } from 'vitest';
import { pictureFinder, type Row } from './job-items.js';

const row = (line: number, path: string): Row => ({ line, path, fields: {} });
const file = (name: string) => new File(['x'], name);

describe('pictures of a job', () => {
  it('are found by their names, whatever folder the table has them in', () => {
    const rows = [row(2, 'anna/1.png'), row(3, './2.png'), row(4, 'C:\\scans\\3.png'), row(5, 'gone.png')];
    const find = pictureFinder(
      rows,
      ['1.png', '2.png', '3.png'].map((name) => file(name)),
    );
    expect(rows.map((one) => find(one)?.name)).toEqual(['1.png', '2.png', '3.png', undefined]);
  });

  it('are never taken for those of another writer: one name for two of them is refused', () => {
    const rows = [row(2, 'anna/1.png'), row(3, 'anna/2.png'), row(4, 'bert/1.png')];
    expect(() => pictureFinder(rows, [file('1.png'), file('2.png')])).toThrow('Lines 2 and 4 name two pictures');
    expect(() => pictureFinder([row(2, '1.png')], [file('1.png'), file('1.png')])).toThrow('named 1.png');
    const both = [row(2, '1.png'), row(3, './1.png')]; // one picture, asked about for two writers
    expect(pictureFinder(both, [file('1.png')])(both[1]!)?.name).toBe('1.png');
    expect(pictureFinder(rows, [file('2.png')])(rows[1]!)?.name).toBe('2.png');
  });
});
