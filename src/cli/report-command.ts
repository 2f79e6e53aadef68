import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CountersignError } from '../core/errors.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { renderReportHtml } from '../evaluate/html/report-html.js';
import { readReport } from '../evaluate/report-schema.js';
import { printResult } from './terminal.js';

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('the page of a report from its JSON: report.html without pictures')
    .argument('<report>', 'report.json that evaluate or judge wrote')
    .option('--out <file>', 'page to write; without it, the same name ending in .html')
    .action(async (file: string, { out = file.replace(/(\.json)?$/i, '.html') }: { readonly out?: string }) => {
      if (resolve(out) === resolve(file)) {
        throw new CountersignError('INVALID_ARGUMENT', `Expected another file for --out; ${out} is the report itself.`);
      }
      await writeFileAtomic(out, renderReportHtml(await readReport(file)));
      printResult(out);
    });
}
