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
 * lines are passed over; a byte order mark is dropped. The apostrophes of `formatCsv` are taken away again.
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
    const close = isQuoted ? closingQuote(text, at + 1) : undefined;
    if (close === -1) throw new CsvSyntaxError(line, 'a quoted field is never closed');
    const raw = close === undefined ? (matchAt(BARE, text, at)?.[0] ?? '') : text.slice(at + 1, close);
    const end = close === undefined ? at + raw.length : close + 1;
    fields.push(unguarded(isQuoted ? raw.replaceAll('""', '"') : raw));
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

/** @returns -1 where there is none */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2); // a doubled one is part of the field
  return at;
}

const BARE = /[^",\r\n]*/y;
const SEPARATOR = /,|\r?\n|$/y;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * Writes CSV with a line break behind each record. A text that a spreadsheet would run as a formula has an apostrophe before
 * it; a number is never one, so -1.5 stays what it is.
 *
 * @see RFC 4180; OWASP, CSV Injection
 *
 * @example
 * formatCsv([['=1+1', -1.5, 'a,b']]); // `'=1+1,-1.5,"a,b"` and a line break
 */
export function formatCsv(records: readonly (readonly (string | number)[])[]): string {
  const cell = (field: string | number) => (typeof field === 'number' ? String(field) : quoted(guarded(field)));
  return records.map((fields) => `${fields.map(cell).join(',')}\r\n`).join('');
}

const quoted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/**
 * The apostrophes, or none, before what a formula begins with. A spreadsheet may begin a cell at the beginning of a field,
 * and, where it takes semicolons or tabs for separators, behind those and behind line breaks as well, whatever quotes follow.
 */
const BEFORE_FORMULA = /^'*(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n]"*)'*(?=[=+\-@＝＋－＠])/g;

const guarded = (text: string) => text.replace(BEFORE_FORMULA, (apostrophes) => `'${apostrophes}`);
const unguarded = (text: string) => text.replace(BEFORE_FORMULA, (apostrophes) => apostrophes.slice(1));
