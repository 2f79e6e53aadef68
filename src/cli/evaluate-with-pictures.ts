import type { Sample } from '../data/dataset.js';
import { drawErrorPictures } from '../evaluate/error-pictures.js';
import type { Pictures } from '../evaluate/html/report-html.js';
import type { EvaluationReport } from '../evaluate/report.js';
import { type EvaluationRunOptions, runEvaluation } from '../evaluate/run.js';
import type { InkImage } from '../image/types.js';

/** An evaluation, and the canvases of its worst errors. */
export async function evaluateWithPictures(
  options: Omit<EvaluationRunOptions, 'onImages'>,
): Promise<{ report: EvaluationReport; pictures: Pictures }> {
  let seen: { samples: readonly Sample[]; images: readonly InkImage[] } = { samples: [], images: [] };
  const report = await runEvaluation({
    ...options,
    onImages: (samples, images) => {
      seen = { samples, images };
    },
  });
  const pictures = report.worst === null ? new Map() : await drawErrorPictures(report.worst, seen.samples, seen.images);
  return { report, pictures };
}
