/** What is looked for after an erasure, and which of what was found is the writer's. */
import { idInRow } from './compaction.js';
import { type Needle, STATISTICS, type TableHit } from './search.js';

/** Too short to be told from chance among the bytes of files. */
const SHORT_BYTES = 8;
/** Of a long value this much is looked for: it may lie in pieces, and no other value has it. */
const PIECE_BYTES = 32;

export interface ErasureNeedle extends Needle {
  /** Where it is found it may be another's: a namesake's name, a picture that two writers were enrolled with. */
  readonly mayBeShared: boolean;
  readonly isShort: boolean;
  readonly isId?: boolean;
}

export function text(what: string, value: string, mayBeShared: boolean): ErasureNeedle {
  const bytes = Buffer.from(value);
  return { what, bytes, isText: true, mayBeShared, isShort: bytes.length < SHORT_BYTES };
}

/** As it is, and as indices for searching have it; of a namesake it may be as well. */
export function words(what: string, value: string): ErasureNeedle[] {
  const forms = new Set([value, value.toLowerCase()].filter((form) => form !== ''));
  return [...forms].map((form) => ({ ...text(what, form, true), isWord: true }));
}

/** From its middle: the beginning of what is sealed is the same for all. */
export function piece(what: string, value: Uint8Array, mayBeShared: boolean): ErasureNeedle {
  const bytes = Buffer.from(value);
  const begin = Math.max(0, (bytes.length - PIECE_BYTES) >> 1);
  const middle = bytes.subarray(begin, begin + PIECE_BYTES);
  return { what, bytes: middle, isText: false, mayBeShared, isShort: middle.length < SHORT_BYTES };
}

/** As text, and as rows hold it. */
export function rowId(what: string, id: string): ErasureNeedle[] {
  const ofOneRow = { mayBeShared: false, isShort: false };
  return [
    { ...text(`the id of ${what}`, id, false), isId: true },
    { ...idInRow(`the row of ${what}`, id), ...ofOneRow },
  ];
}

interface SortedHits {
  readonly auditRows: number;
  readonly shared: readonly TableHit[];
  readonly left: readonly TableHit[];
}

export function sortHits(hits: readonly TableHit[]): SortedHits {
  const isOfLog = ({ needle, table }: TableHit) => table === 'audit_log' && needle.isText;
  // Until the planner looks again it remembers ids of rows, which lead nowhere any more.
  const isIdInStatistics = ({ needle, table }: TableHit) => table === STATISTICS && (needle as ErasureNeedle).isId;
  const others = hits.filter((hit) => !isOfLog(hit) && !isIdInStatistics(hit));
  // A writer of this number: then it was enrolled anew meanwhile, and what has the number is that one's.
  const numbersAgain = new Set(hits.filter(({ needle, table }) => needle.column && table === 'writers').map(needleOf));
  const isShared = ({ needle }: TableHit) => (needle as ErasureNeedle).mayBeShared || numbersAgain.has(needle);
  return {
    auditRows: Math.max(0, ...hits.filter(isOfLog).map(({ rows }) => rows)),
    shared: others.filter(isShared),
    left: others.filter((hit) => !isShared(hit)),
  };
}

const needleOf = ({ needle }: TableHit) => needle;
