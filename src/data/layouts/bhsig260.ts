import { folderLayout } from './folder-layout.js';
import { IMAGE, type Layout, normaliseWriter } from './layout.js';

/**
 * BHSig260, Hindi (160 writers) and Bengali (100): 24 genuine and 30 skilled forgeries a writer, bilevel.
 * `001/H-S-1-G-01.tif`: script, S for signature, writer as in the folder's name, Genuine or Forged, number.
 *
 * @see Pal, Alaei, Pal, Blumenstein: Performance of an off-line signature verification method based on texture features
 *   on a large Indic-script signature dataset (DAS 2016)
 */
function bhsig260(script: 'Hindi' | 'Bengali'): Layout {
  const initial = script[0];
  const pattern = new RegExp(`^([0-9]+)/${initial}-S-([0-9]+)-([GF])-[0-9]+${IMAGE}`, 'i');
  return folderLayout({
    name: `bhsig260-${script.toLowerCase()}`,
    dataset: `bhsig260-${script.toLowerCase()}`,
    expects: `${script} images named 001/${initial}-S-1-G-01.tif (genuine) or 001/${initial}-S-1-F-01.tif (forged)`,
    folders: ['', script, `BHSig260/${script}`, `BHSig260-${script}`],
    parse(file) {
      const [, folder, number, kind] = pattern.exec(file) ?? [];
      if (folder === undefined || number === undefined || kind === undefined) return undefined;
      if (normaliseWriter(folder) !== normaliseWriter(number)) return undefined; // in another writer's folder
      return { writer: normaliseWriter(folder), kind: kind.toUpperCase() === 'G' ? 'genuine' : 'forged' };
    },
  });
}

export const bhsig260Hindi = bhsig260('Hindi');
export const bhsig260Bengali = bhsig260('Bengali');
