/** Columns for people: as wide as their widest cell, the last one as it comes. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [header, ...rows]
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('   '))
    .join('\n');
}

/** Below a table that a limit cut short. */
export const MORE = 'There are more: --limit.';
