import { folderLayout } from './folder-layout.js';
import { IMAGE } from './layout.js';

/**
 * Cross-media Chinese signatures, genuine only. `experiment/W/K.png` (100 writers x 40), `control/W/K.png` (11 x 20):
 * everybody writes the same ten names, K modulo 10 says which; each block of ten is one medium (pen and paper, tablet,
 * phone, phone held otherwise). A pair is genuine when writer AND name are the same; splits go by writer. The writers of
 * `control` are numbered anew: they are `control-1` to `control-11`.
 */
export const crossMedia = folderLayout({
  name: 'cross-media',
  dataset: 'cross-media-chinese',
  expects: 'images named experiment/1/1.png or control/1/1.png (folder: writer, number: name and medium)',
  folders: ['', 'cross-media-chinese'],
  parse(file) {
    const [, part, number, image] = PATTERN.exec(file) ?? [];
    if (number === undefined) return undefined;
    const writer = part?.toLowerCase() === 'control' ? `control-${number}` : number;
    return { writer, kind: 'genuine', identity: `${writer}/${Number(image) % 10}` };
  },
});

const PATTERN = new RegExp(`^(experiment|control)/([0-9]+)/([0-9]+)${IMAGE}`, 'i');
