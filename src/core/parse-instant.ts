const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const STORED = /^(?!0000)\d{4}-/;

/**
 * `2026-01-31`, the beginning of that day in UTC; or an instant with its offset.
 *
 * @returns undefined for what is neither, or lies outside the years 1 to 9999 in UTC, which a store holds
 */
export function parseInstant(text: string): Date | undefined {
  if (!ISO.test(text)) return undefined;
  const instant = new Date(text);
  const isDay = text.length === 10; // JavaScript takes 2026-02-31 for the 3rd of March
  if (Number.isNaN(instant.getTime())) return undefined;
  const written = instant.toISOString();
  return STORED.test(written) && (!isDay || written.startsWith(text)) ? instant : undefined;
}
