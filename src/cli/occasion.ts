import type { Occasion } from '../evaluate/provenance.js';

/** This command line, as a shell takes it, and now. */
export function occasion(): Occasion {
  const words = ['countersign', ...process.argv.slice(2)];
  return { command: words.map(quote).join(' '), date: new Date().toISOString() };
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
