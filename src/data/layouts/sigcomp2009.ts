import { folderLayout } from './folder-layout.js';
import { IMAGE, normaliseWriter } from './layout.js';

/**
 * SigComp2009, offline part: NFI and NISDCC writers, few genuine signatures and many forgeries each.
 * `101/genuine/NISDCC-001_001_001_6g.PNG`, `002/forgery/NFI-00301002.png`: the folder is the writer imitated, the
 * file's name says who signed.
 *
 * @see Blankers, van den Heuvel, Franke, Vuurpijl: ICDAR 2009 signature verification competition
 */
export const sigcomp2009 = folderLayout({
  name: 'sigcomp2009',
  dataset: 'sigcomp2009',
  expects: 'images named 001/genuine/NFI-*.png or 001/forgery/NFI-*.png (NISDCC-* alike)',
  folders: ['', 'SigComp2009-offline'],
  parse(file) {
    const [, writer, folder] = PATTERN.exec(file) ?? [];
    if (writer === undefined || folder === undefined) return undefined;
    return { writer: normaliseWriter(writer), kind: folder.toLowerCase() === 'genuine' ? 'genuine' : 'forged' };
  },
});

const PATTERN = new RegExp(`^([0-9]+)/(genuine|forgery)/(?:NFI|NISDCC)-[^/]*${IMAGE}`, 'i');
