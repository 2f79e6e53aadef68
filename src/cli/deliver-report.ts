import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic-file.js';
import type { EvaluationReport } from '../evaluate/report.js';
import { renderReportText } from '../evaluate/report-text.js';
import { printJson, printResult } from './terminal.js';

/**
 * An evaluation report as its flags ask for it.
 *
 * @param flags - `out`: folder for report.json and report.svg; `json`: print it as JSON
 */
export async function deliverReport(
  report: EvaluationReport,
  { out, json }: { readonly out?: string; readonly json?: boolean },
): Promise<void> {
  if (out !== undefined) {
    // Drawing takes longer to load than all the rest; the other commands start without it.
    const { renderReportSvg } = await import('../evaluate/report-svg.js');
    await writeFileAtomic(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    await writeFileAtomic(join(out, 'report.svg'), renderReportSvg(report));
  }
  if (json) printJson(report);
  else printResult(renderReportText(report));
}
