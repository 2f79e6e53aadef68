/** One record of a CSV file. */
export interface CsvRecord {
  /** Line on which the record begins, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A quote where none may stand. */
export class CsvSyntaxError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads CSV: fields in double quotes may hold commas, line breaks and doubled quotes. Line breaks are CRLF or LF; empty
 * lines are passed over; a byte order mark is dropped.
 *
 * @throws CsvSyntaxError
 * @see RFC 4180
 */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let fields: string[] = [];
  let line = 1;
  let begin = 1;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const isQuoted = text[at] === '"';
    const [, raw = ''] = matchAt(isQuoted ? QUOTED : BARE, text, at) ?? [];
    const end = isQuoted ? at + raw.length + 2 : at + raw.length;
    if (isQuoted && text[end - 1] !== '"') throw new CsvSyntaxError(line, 'a quoted field is never closed');
    fields.push(isQuoted ? raw.replaceAll('""', '"') : raw);
    line += raw.split('\n').length - 1;

    const [separator] = matchAt(SEPARATOR, text, end) ?? [];
    if (separator === undefined) throw new CsvSyntaxError(line, 'a quote stands inside a field that is not quoted');
    at = end + separator.length;
    if (separator === ',' && at < text.length) continue;
    if (separator === ',') fields.push(''); // the file ends behind a comma
    if (fields.length > 1 || fields[0] !== '') records.push({ line: begin, fields });
    fields = [];
    line++;
    begin = line;
  }
  return records;
}

const QUOTED = /"((?:[^"]|"")*)/y;
const BARE = /([^",\r\n]*)/y;
const SEPARATOR = /,|\r?\n|$/y;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * Writes CSV with a line break behind each record.
 *
 * @see RFC 4180
 */
export function formatCsv(records: readonly (readonly string[])[]): string {
  const quote = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
  return records.map((fields) => `${fields.map(quote).join(',')}\r\n`).join('');
}
