import path from 'node:path';
import { CountersignError } from '../../core/errors.js';
import type { Dataset, Sample } from '../dataset.js';
import { type Listing, listingBelow } from '../listing.js';
import { compareNatural } from '../natural-order.js';
import type { Label, Layout } from './layout.js';

/** A layout in which the path alone says what an image is. */
export interface FolderLayoutRules {
  readonly name: string;
  readonly expects: string;
  /** Name of the data set where the layout is of one set only. Default: the folder's name. */
  readonly dataset?: string;
  /** Folders below the given one in which the set may lie, one of them; '' is the given one itself. */
  readonly folders: readonly string[];
  /** @param file - path relative to the set's folder; @returns undefined when it does not fit */
  readonly parse: (file: string) => Label | undefined;
  /** Which files tell this layout from others. Default: every file that fits. */
  readonly isDistinctive?: (file: string) => boolean;
}

/** Builds a layout from its rules. Ids are relative to the set's own folder, wherever above it `--data` points. */
export function folderLayout(rules: FolderLayoutRules): Layout {
  const { name, expects, folders, parse } = rules;
  const isDistinctive = rules.isDistinctive ?? ((file) => parse(file) !== undefined);
  const locate = (listing: Listing, fits: (file: string) => boolean): Listing[] =>
    folders.map((folder) => listingBelow(listing, folder)).filter(({ files }) => files.some(fits));

  return {
    name,
    expects,
    detect: (listing) => locate(listing, isDistinctive).length > 0,
    read(listing): Dataset {
      const distinctive = locate(listing, isDistinctive);
      const candidates = distinctive.length > 0 ? distinctive : locate(listing, (file) => parse(file) !== undefined);
      const [found] = candidates;
      if (found === undefined) throw notThisLayout(listing, rules);
      if (candidates.length > 1) throw severalSets(listing, candidates, rules);
      const samples = found.files.map((file) => toSample(found.root, file, rules));
      const dataset = rules.dataset ?? path.basename(found.root);
      return {
        name: dataset,
        layout: name,
        root: found.root,
        samples: samples.sort((a, b) => compareNatural(a.id, b.id)),
      };
    },
  };
}

function toSample(root: string, file: string, { name, expects, parse }: FolderLayoutRules): Sample {
  const label = parse(file);
  if (label === undefined) {
    const message = `Expected only ${expects} (layout ${name}), but ${path.join(root, file)} does not fit.`;
    throw new CountersignError('DATASET_FILE_UNEXPECTED', message, { details: { root, file, layout: name } });
  }
  // One id on every machine: some file systems take accents apart.
  return { id: file.normalize('NFC'), identity: label.writer, ...label, path: path.join(root, file) };
}

function notThisLayout({ root, files }: Listing, { name, expects }: FolderLayoutRules): CountersignError {
  const found = files.length === 0 ? 'the folder is empty' : `the first file is ${files[0]}`;
  const message = `Expected ${expects} (layout ${name}) in ${root}, but ${found}.`;
  return new CountersignError('DATASET_LAYOUT_UNKNOWN', message, { details: { root, layout: name } });
}

function severalSets({ root }: Listing, sets: readonly Listing[], { name }: FolderLayoutRules): CountersignError {
  const choices = sets.map((set) => set.root);
  const message = `Expected one data set (layout ${name}) in ${root}, but there are several: choose ${choices.join(' or ')}.`;
  return new CountersignError('DATASET_AMBIGUOUS', message, { details: { root, layout: name, choices } });
}
