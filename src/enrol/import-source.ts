/** What is to be enrolled of many writers, and what a list says of them and their images. */
import { parseInstant } from '../core/parse-instant.js';
import type { ImportItem } from '../store/import-items.js';
import { type ListedImage, readItemList } from './item-list.js';

const COLUMNS = ['name', 'captured_at', 'expires_at'];

/**
 * @param source - absolute
 * @returns in the order of the source; whether an image is there is not looked at
 * @throws CountersignError IMPORT_INVALID naming file and line
 */
export async function readImportSource(source: string): Promise<readonly ImportItem[]> {
  const writers = new Map<string, { readonly path: string; readonly name: string; readonly expires: string }>();
  return (await readItemList(source, COLUMNS)).map((image): ImportItem => {
    const { externalRef, field, invalid } = image;
    const [name, expires] = [field('name'), field('expires_at')];
    const before = writers.get(externalRef) ?? { path: image.source, name, expires };
    if (before.name !== name || before.expires !== expires) {
      throw invalid(`name or expires_at of writer ${externalRef} is another than with ${before.path}`);
    }
    writers.set(externalRef, before);
    return {
      ...{ source: image.source, externalRef, name: name === '' ? null : name },
      ...{ capturedAt: instant(image, 'captured_at'), expiresAt: instant(image, 'expires_at') },
    };
  });
}

function instant({ field, invalid }: ListedImage, column: string): Date | null {
  const value = field(column);
  const read = parseInstant(value);
  if (value !== '' && read === undefined) throw invalid(`${column} is "${value}", not a date like 2026-01-31`);
  return read ?? null;
}
