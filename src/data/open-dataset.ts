import { stat } from 'node:fs/promises';
import { CountersignError } from '../core/errors.js';
import type { Dataset } from './dataset.js';
import { bhsig260Bengali, bhsig260Hindi } from './layouts/bhsig260.js';
import { cedar } from './layouts/cedar.js';
import { crossMedia } from './layouts/cross-media.js';
import type { Layout } from './layouts/layout.js';
import { plain } from './layouts/plain.js';
import { sigcomp } from './layouts/sigcomp.js';
import { sigcomp2009 } from './layouts/sigcomp2009.js';
import { type Listing, listFolder } from './listing.js';
import { readManifest } from './manifest.js';

/** Layouts of one published set each; their files' names are their own. */
const PUBLISHED: readonly Layout[] = [bhsig260Hindi, bhsig260Bengali, cedar, sigcomp2009, crossMedia];

/** Layouts that any set may use, tried when no published one fits. */
const GENERAL: readonly Layout[] = [plain, sigcomp];

/** What `--layout` takes. */
export const LAYOUT_NAMES: readonly string[] = [...PUBLISHED, ...GENERAL].map(({ name }) => name);

export interface OpenDatasetOptions {
  /** One of LAYOUT_NAMES, for a folder. Default: recognised from the files. A CSV file is always a manifest. */
  readonly layout?: string | undefined;
}

/**
 * Reads which signatures a data set holds; opens no image.
 *
 * @param path - a folder in a published or plain layout (or the folder above it), or a CSV manifest
 * @returns samples in natural order of their ids
 * @throws DATASET_NOT_FOUND; DATASET_LAYOUT_UNKNOWN; DATASET_AMBIGUOUS when the folder holds several published sets;
 *   DATASET_FILE_UNEXPECTED naming the first file that does not fit; DATASET_MANIFEST_INVALID naming file and line;
 *   INVALID_ARGUMENT for a layout that does not exist
 * @example
 * const { name, samples } = await openDataset('BHSig260/Hindi')
 * // name 'bhsig260-hindi', samples.length 8640,
 * // samples[0] { id: '001/H-S-1-F-01.tif', writer: '1', identity: '1', kind: 'forged', path: '/…/001/H-S-1-F-01.tif' }
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const chosen = options.layout === undefined ? undefined : layoutNamed(options.layout);
  const status = await stat(path).catch((cause) => {
    throw new CountersignError('DATASET_NOT_FOUND', `Expected a data set at ${path}, but nothing can be read there.`, {
      cause,
      details: { path },
    });
  });
  if (!status.isDirectory()) return readManifest(path);
  const listing = await listFolder(path);
  return (chosen ?? recognise(listing)).read(listing);
}

function layoutNamed(name: string): Layout {
  const layout = [...PUBLISHED, ...GENERAL].find((candidate) => candidate.name === name);
  if (layout !== undefined) return layout;
  const message = `Expected a layout of ${LAYOUT_NAMES.join(', ')}; ${name} came.`;
  throw new CountersignError('INVALID_ARGUMENT', message, { details: { layout: name } });
}

function recognise(listing: Listing): Layout {
  const published = PUBLISHED.filter((layout) => layout.detect(listing));
  const [layout = GENERAL.find((candidate) => candidate.detect(listing))] = published;
  if (published.length > 1) {
    const names = published.map(({ name }) => name);
    const message = `Expected one data set, but ${listing.root} holds ${names.length}: choose ${names.join(' or ')}.`;
    throw new CountersignError('DATASET_AMBIGUOUS', message, { details: { root: listing.root, layouts: names } });
  }
  if (layout !== undefined) return layout;
  const found = listing.files.length === 0 ? 'the folder holds no files' : `its first file is ${listing.files[0]}`;
  const known = [...PUBLISHED, ...GENERAL].map(({ name, expects }) => `\n  ${name}: ${expects}`).join('');
  const message = `Expected a data set in ${listing.root}, but ${found}. Known layouts:${known}`;
  throw new CountersignError('DATASET_LAYOUT_UNKNOWN', message, { details: { root: listing.root } });
}
