/**
 * What may be told of a query that failed: not the values that came with it, which are names, numbers and signatures.
 * Drizzle writes all of them into its message; the server quotes some.
 */
import { DrizzleQueryError } from 'drizzle-orm';
import { CountersignError, type ErrorCode } from '../core/errors.js';
import type { Orm } from './database.js';

interface Remedy {
  /** SQLSTATE, or the system's code. */
  readonly codes: RegExp;
  readonly means: ErrorCode;
}

/** The server is not there, is going down, has no connection to spare, or does not let this user do it. */
const UNREACHABLE: Remedy = {
  codes: /^(08...|28...|3D000|42501|53300|57P0[1-3]|E[A-Z]*CONN[A-Z]*|ENOTFOUND|ENOENT|EPIPE|ETIMEDOUT)$/,
  means: 'STORE_UNREACHABLE',
};
/** The disk is full or fails, or the server only reads. */
const UNWRITABLE: Remedy = { codes: /^(25006|53100|58030|ENOSPC|EDQUOT|EROFS|EIO)$/, means: 'WRITE_FAILED' };
const REMEDIES = [UNREACHABLE, UNWRITABLE];
/** `pg` gives these no code. */
const CONNECTION_LOST = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;
/** serialization_failure, deadlock_detected. */
const IN_THE_WAY = /^40(001|P01)$/;
/** Data exceptions quote the value that did not do. */
const QUOTES_VALUES = /^22/;

/** Whether the transaction failed for another one that was in its way, and may be tried again. */
export function isInTheWay(error: unknown): boolean {
  return IN_THE_WAY.test(databaseFailure(error)?.code ?? '');
}

/** @returns what to throw in place of an error of the database; any other error as it is */
export function failureOf(error: unknown): unknown {
  const failure = databaseFailure(error);
  if (failure === undefined) return error;
  const { code = '', message } = failure;
  const remedy = CONNECTION_LOST.test(message) ? UNREACHABLE : REMEDIES.find(({ codes }) => codes.test(code));
  if (remedy !== undefined) return new CountersignError(remedy.means, `The database of the store: ${message}.`);
  const reason = QUOTES_VALUES.test(code) ? 'a value does not fit' : message;
  const query = error instanceof DrizzleQueryError ? ` ${error.query}` : '';
  return new Error(`The database refused a query: ${reason} (SQLSTATE ${code}).${query}`);
}

/** The same queries, with such errors. Queries of a transaction have a session of their own: see `database.ts`. */
export function failingWithoutValues(orm: Orm): Orm {
  const { session } = orm._;
  const prepare = session.prepareQuery.bind(session);
  session.prepareQuery = (...query) => {
    const prepared = prepare(...query);
    const execute = prepared.execute.bind(prepared);
    prepared.execute = async (values) => {
      try {
        return await execute(values);
      } catch (error) {
        throw failureOf(error);
      }
    };
    return prepared;
  };
  return orm;
}

interface DatabaseFailure extends Error {
  readonly code?: string;
  /** Of what the database itself says. */
  readonly severity?: string;
  /** Of what the system says. */
  readonly syscall?: string;
}

/** @returns undefined for an error of something else */
function databaseFailure(error: unknown): DatabaseFailure | undefined {
  const failure = error instanceof DrizzleQueryError ? error.cause : error;
  if (!(failure instanceof Error)) return undefined;
  const { severity, syscall, message }: DatabaseFailure = failure;
  const isOfDatabase = severity !== undefined || syscall === 'connect' || CONNECTION_LOST.test(message);
  return isOfDatabase || error instanceof DrizzleQueryError ? failure : undefined;
}
