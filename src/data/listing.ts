import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CountersignError } from '../core/errors.js';
import { compareNatural } from './natural-order.js';

/** What lies in a folder, down to the depth that published layouts use. */
export interface Listing {
  /** Absolute path of the folder. */
  readonly root: string;
  /** Paths relative to the root, with forward slashes, in natural order. */
  readonly files: readonly string[];
}

/**
 * Lists a folder's files. Links are followed. What can be no signature is left out: hidden files, thumbnails of
 * file managers, texts that come with a data set. A folder deeper than any layout is listed as itself, with a slash at
 * its end, so that a layout finds it unexpected.
 *
 * @throws DATASET_NOT_FOUND
 */
export async function listFolder(root: string): Promise<Listing> {
  const files: string[] = [];
  await walk(path.resolve(root), '', 0, files);
  return { root: path.resolve(root), files: files.sort(compareNatural) };
}

/** The part of a listing below one folder; the listing itself for ''. */
export function listingBelow(listing: Listing, folder: string): Listing {
  if (folder === '') return listing;
  const files = listing.files.filter((file) => file.startsWith(`${folder}/`));
  return { root: path.join(listing.root, folder), files: files.map((file) => file.slice(folder.length + 1)) };
}

const MAX_DEPTH = 6;

const IGNORED = [
  /^\./,
  /^(thumbs\.db|desktop\.ini|__macosx)$/i,
  /^(readme|licen[cs]e|list\.|copying)/i,
  /\.(txt|md)$/i,
];

async function walk(root: string, folder: string, depth: number, files: string[]): Promise<void> {
  for (const entry of await readFolder(path.join(root, folder))) {
    if (IGNORED.some((pattern) => pattern.test(entry.name))) continue;
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const isFolder = entry.isSymbolicLink() ? await isLinkToFolder(path.join(root, name)) : entry.isDirectory();
    if (!isFolder) files.push(name);
    else if (depth === MAX_DEPTH) files.push(`${name}/`);
    else await walk(root, name, depth + 1, files);
  }
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const message = `Expected a folder at ${folder}, but it cannot be read: ${(cause as NodeJS.ErrnoException).code}.`;
    throw new CountersignError('DATASET_NOT_FOUND', message, { cause, details: { path: folder } });
  }
}

async function isLinkToFolder(link: string): Promise<boolean> {
  return (await stat(link).catch(() => undefined))?.isDirectory() ?? false;
}
