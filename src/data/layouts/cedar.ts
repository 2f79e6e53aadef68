import { folderLayout } from './folder-layout.js';
import { IMAGE, normaliseWriter } from './layout.js';

/**
 * CEDAR: 55 writers, 24 genuine and 24 skilled forgeries each, 8-bit grey, as scanned.
 * `full_org/original_W_K.png`, `full_forg/forgeries_W_K.png`.
 *
 * @see Kalera, Srihari, Xu: Offline signature verification and identification using distance statistics (2004)
 */
export const cedar = folderLayout({
  name: 'cedar',
  dataset: 'cedar',
  expects: 'images named full_org/original_1_1.png (genuine) or full_forg/forgeries_1_1.png (forged)',
  folders: ['', 'signatures', 'cedar/signatures'],
  parse(file) {
    const [, genuine, forged] = PATTERN.exec(file) ?? [];
    if (genuine !== undefined) return { writer: normaliseWriter(genuine), kind: 'genuine' };
    if (forged !== undefined) return { writer: normaliseWriter(forged), kind: 'forged' };
    return undefined;
  },
});

const PATTERN = new RegExp(`^(?:full_org/original_([0-9]+)|full_forg/forgeries_([0-9]+))_[0-9]+${IMAGE}`, 'i');
