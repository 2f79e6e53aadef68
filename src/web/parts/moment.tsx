const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** An instant in the reader's own words and zone. @param at - ISO 8601 */
export function Moment({ at, dayOnly = false }: { readonly at: string; readonly dayOnly?: boolean }) {
  return <time dateTime={at}>{(dayOnly ? DAY : SHORT).format(new Date(at))}</time>;
}
