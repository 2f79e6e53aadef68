import { folderLayout } from './folder-layout.js';
import { IMAGE } from './layout.js';

/**
 * Your own data, and what `countersign synthesize` writes: `<writer>/genuine/*` and `<writer>/forged/*`. A writer is the
 * folder's name as it is.
 */
export const plain = folderLayout({
  name: 'plain',
  expects: 'images in <writer>/genuine/* or <writer>/forged/*',
  folders: [''],
  parse(file) {
    const [, writer, kind] = PATTERN.exec(file) ?? [];
    if (writer === undefined) return undefined;
    return { writer, kind: kind?.toLowerCase() === 'genuine' ? 'genuine' : 'forged' };
  },
});

const PATTERN = new RegExp(`^([^/]+)/(genuine|forged)/[^/]+${IMAGE}`, 'i');
