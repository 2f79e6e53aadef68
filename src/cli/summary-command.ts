import type { Command } from 'commander';
import { summariseReports } from '../evaluate/summary.js';
import { renderSummaryText } from '../evaluate/summary-text.js';
import { printJson, printResult } from './terminal.js';

export function addSummaryCommand(program: Command): void {
  program
    .command('summary')
    .description('mean and spread over several evaluations: random writer splits, or models of other seeds')
    .argument('<report.json...>', 'reports written by evaluate --out or judge --out')
    .option('--json', 'print the summary as JSON')
    .action(async (files: string[], { json }: { readonly json?: boolean }) => {
      const summary = await summariseReports(files);
      if (json) printJson(summary);
      else printResult(renderSummaryText(summary));
    });
}
