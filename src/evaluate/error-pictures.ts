import type { Sample } from '../data/dataset.js';
import { inkToPng } from '../image/render.js';
import type { InkImage } from '../image/types.js';
import type { WorstErrors } from './worst-errors.js';

/**
 * The canvases of the worst errors, for a page.
 *
 * @param samples - [N], of `images`
 * @returns data URIs of 8-bit grey PNG by sample id
 */
export async function drawErrorPictures(
  { falseAccepts, falseRejections }: WorstErrors,
  samples: readonly Sample[],
  images: readonly InkImage[],
): Promise<Map<string, string>> {
  const wanted = new Set(
    [...falseAccepts, ...falseRejections].flatMap(({ reference, questioned }) => [reference, questioned]),
  );
  const pictures = new Map<string, string>();
  for (const [i, { id }] of samples.entries()) {
    if (!wanted.has(id)) continue;
    const png = await inkToPng(images[i]!);
    pictures.set(id, `data:image/png;base64,${png.toString('base64')}`);
  }
  return pictures;
}
