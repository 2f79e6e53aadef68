import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvSyntaxError, formatCsv, parseCsv } from './csv.js';

const fieldsOf = (text: string) => parseCsv(text).map(({ fields }) => fields);

describe('parseCsv', () => {
  it('reads quotes, commas, line breaks, and says where a record begins', () => {
    expect(parseCsv('\ufeffa,b\r\n"1,""x""\n2",\n\n3,4')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['1,"x"\n2', ''] },
      { line: 5, fields: ['3', '4'] },
    ]);
    expect(fieldsOf('')).toEqual([]);
    expect(fieldsOf('a,')).toEqual([['a', '']]);
    expect(fieldsOf('a,""')).toEqual([['a', '']]);
  });

  it('reads a quoted field as long as memory lasts, and says where one of that length is never closed', () => {
    const long = 'a""b'.repeat(5_000_000);
    expect(fieldsOf(`x,"${long}"`)).toEqual([['x', long.replaceAll('""', '"')]]);
    expect(() => parseCsv(`x\n"${long}`)).toThrow('a quoted field is never closed');
  });

  it('names the line of a quote that does not fit', () => {
    for (const [text, line] of [
      ['a\nb"c', 2],
      ['a\n"b"c', 2],
      ['a\n\n"b\nc', 3],
      ['"', 1],
    ] as const) {
      let thrown: unknown;
      try {
        parseCsv(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(CsvSyntaxError);
      expect((thrown as CsvSyntaxError).line, text).toBe(line);
    }
  });

  it('reads back what was quoted', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', 'é') });
    const record = fc.array(field, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(record), fc.constantFrom('\n', '\r\n'), (records, lineBreak) => {
        const quoted = records.map((fields) => fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        expect(fieldsOf(quoted.join(lineBreak))).toEqual(records);
        expect(fieldsOf(quoted.join(lineBreak) + lineBreak)).toEqual(records);
      }),
    );
  });
});

describe('formatCsv', () => {
  it('is read back as it was written', () => {
    const records = [
      ['path', 'reason'],
      ['a, "b".png', 'two\nlines'],
      ['c.png', ''],
    ];
    expect(formatCsv(records)).toBe('path,reason\r\n"a, ""b"".png","two\nlines"\r\nc.png,\r\n');
    expect(fieldsOf(formatCsv(records))).toEqual(records);
  });

  it('keeps a spreadsheet from running a text, and leaves numbers as they are', () => {
    const texts = [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      '＝1',
      "'=1",
      'x;=cmd',
      'x\n=1',
      "it's",
      '1-2',
      '4711',
      '-',
    ];
    expect(formatCsv([texts])).toBe(
      `'=1+1,'+1,'-1,'@SUM(A1),'\t'=1,"'\r'=1",'＝1,''=1,x;'=cmd,"x\n'=1",it's,1-2,4711,'-\r\n`,
    );
    expect(formatCsv([[-1.5, 0, 1e-7, Number.NaN]])).toBe('-1.5,0,1e-7,NaN\r\n');
  });

  it('is read back whatever the texts, and begins no cell with a formula', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ...`'=+-@\t\r\n＝;,"`) });
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 })), (records) => {
        expect(fieldsOf(formatCsv(records))).toEqual(records);
        for (const text of records.flat()) {
          const cell = formatCsv([[text]]).slice(0, -2);
          expect(cell).not.toMatch(/^"?[=+\-@\t\r\n＝]/);
          expect(cell, 'where cells end at semicolons or tabs').not.toMatch(/[;\t\r\n]"*[=+\-@＝]/);
        }
      }),
    );
  });
});
