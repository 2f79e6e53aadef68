import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic-file.js';
import type { Pictures } from '../evaluate/html/report-html.js';
import type { EvaluationReport } from '../evaluate/report.js';
import { renderReportText } from '../evaluate/report-text.js';
import { printJson, printResult } from './terminal.js';

/**
 * An evaluation report as its flags ask for it.
 *
 * @param flags - `out`: folder for report.json and report.html; `json`: print it as JSON
 * @param pictures - for the page alone
 */
export async function deliverReport(
  report: EvaluationReport,
  { out, json }: { readonly out?: string; readonly json?: boolean },
  pictures?: Pictures,
): Promise<void> {
  if (out !== undefined) await writeReport(report, out, pictures);
  if (json) printJson(report);
  else printResult(renderReportText(report));
}

/** report.json and report.html, into a folder. */
export async function writeReport(report: EvaluationReport, out: string, pictures?: Pictures): Promise<void> {
  // Drawing takes longer to load than all the rest; the other commands start without it.
  const { renderReportHtml } = await import('../evaluate/html/report-html.js');
  await writeFileAtomic(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFileAtomic(join(out, 'report.html'), renderReportHtml(report, pictures));
}
