/** An evaluation as bulk work: a data set below the workers' data folder to report.json and report.html. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import type { evaluateParameters } from '../api/schemas/job-parameters.js';
import { CountersignError } from '../core/errors.js';
import { runEvaluation } from '../evaluate/run.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import type { RunOutcome } from '../store/bulk-jobs.js';

interface Surroundings {
  readonly dataRoot: string | undefined;
  readonly onProgress: (done: number, total: number) => void;
  /** ISO 8601, for the report. */
  readonly date: string;
}

/** @throws CountersignError as `runEvaluation`; DATASET_NOT_FOUND for what does not lie below the data folder */
export async function evaluateFolder(
  embedder: ModelEmbedder,
  { data, model: _, ...options }: z.output<typeof evaluateParameters>,
  { dataRoot, onProgress, date }: Surroundings,
): Promise<RunOutcome> {
  const report = await runEvaluation({
    ...options,
    ...{ data: await below(dataRoot, data), embedder, cacheDir: null },
    occasion: { command: `countersign jobs create evaluate ${data}`, date },
    onPrepare: onProgress,
  });
  const { counts, skilled } = report;
  // Drawing takes longer to load than all the rest.
  const { renderReportHtml } = await import('../evaluate/html/report-html.js');
  return {
    results: {
      ...{ writers: counts.writers, genuinePairs: counts.genuinePairs, skilledPairs: counts.skilledPairs },
      equalErrorRate: skilled.eer.value,
    },
    report: { json: `${JSON.stringify(report, null, 2)}\n`, page: renderReportHtml(report) },
  };
}

/** Links are followed before it is looked at. */
async function below(dataRoot: string | undefined, data: string): Promise<string> {
  if (dataRoot === undefined) throw notFound(data, 'this worker was started without --data-root');
  const [root, found] = await Promise.all(
    [dataRoot, path.join(dataRoot, data)].map((place) => realpath(place).catch(() => undefined)),
  );
  if (root === undefined || found === undefined) throw notFound(data, 'there is no such folder or file');
  if (found.startsWith(`${root}${path.sep}`)) return found;
  throw notFound(data, 'it lies elsewhere');
}

function notFound(data: string, reason: string): CountersignError {
  return new CountersignError('DATASET_NOT_FOUND', `${data} below the data folder of the workers: ${reason}.`);
}
