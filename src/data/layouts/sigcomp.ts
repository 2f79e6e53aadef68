import { folderLayout } from './folder-layout.js';
import { IMAGE, normaliseWriter } from './layout.js';

/**
 * Folders as in the ICDAR / SigComp 2011 competitions: `001/*` holds a writer's genuine signatures, `001_forg/*` the
 * forgeries of them. `train` and `test` number their writers anew, so each is a set of its own.
 *
 * @see Liwicki et al.: Signature verification competition for online and offline skilled forgeries (ICDAR 2011)
 */
export const sigcomp = folderLayout({
  name: 'sigcomp',
  expects: 'images in a folder per writer, 001/* (genuine), and a second one, 001_forg/* (forged)',
  folders: ['', 'train', 'test'],
  isDistinctive: (file) => PATTERN.exec(file)?.[2] !== undefined,
  parse(file) {
    const [, writer, forged] = PATTERN.exec(file) ?? [];
    if (writer === undefined) return undefined;
    return { writer: normaliseWriter(writer), kind: forged === undefined ? 'genuine' : 'forged' };
  },
});

const PATTERN = new RegExp(`^([^/]+?)(_forg)?/[^/]+${IMAGE}`, 'i');
