/** What the planner remembers, and should not: of tables that have become empty, and of columns that it is kept from. */
import type { Execute } from './migrate.js';

/**
 * Columns with statistics, of tables that the last ANALYZE found empty, or that it passes by (`0009_planner.sql`); those of an
 * index on an expression go with its table's.
 */
const REMEMBERED = `
  SELECT format('ALTER TABLE %s ALTER COLUMN %I TYPE %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod)) AS statement
  FROM pg_stats AS s
  JOIN pg_class AS c ON c.relname = s.tablename AND c.relnamespace = s.schemaname::regnamespace AND c.relkind = 'r'
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = s.attname
  WHERE s.schemaname = current_schema() AND (c.reltuples = 0 OR a.attstattarget = 0)
  ORDER BY 1`;

/**
 * ANALYZE of an empty table, or of all columns but one, leaves statistics as they were, and they hold values of rows that are gone. Setting a column
 * to the type that it has drops them, with any PostgreSQL and without the rights of a superuser.
 */
export async function forgetStatistics(execute: Execute): Promise<void> {
  for (const { statement } of await execute(REMEMBERED)) await execute(String(statement));
}
