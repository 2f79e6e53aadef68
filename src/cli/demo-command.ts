import type { Command } from 'commander';
import { runDemo } from './demo.js';
import { modelOption } from './model-option.js';
import { parseSeed } from './number-flag.js';
import { formatPercent, printNote, printResult } from './terminal.js';
import { showProgress } from './training-progress.js';
import { renderResult } from './verify-command.js';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('the whole job on synthetic signatures: make writers, train, evaluate, verify')
    .option(
      '--out <dir>',
      'folder to write pictures, model, report and verdicts into; must not exist or be empty',
      'out/demo',
    )
    .option('--seed <integer>', 'of the writers and of the training', parseSeed('--seed'), 1)
    .addOption(modelOption('--init <model>', 'model to start from', 'float'))
    .action(async (flags: { readonly out: string; readonly seed: number; readonly init: string }) => {
      const { before, after, genuine, forged, out } = await runDemo({
        ...flags,
        onPhase: (text) => printNote(`\n== ${text}`),
        listener: showProgress,
      });
      const eer = ({ skilled }: typeof before) => formatPercent(skilled.eer.value);
      printResult(`\nEER on skilled forgeries of unseen writers: ${eer(before)} before, ${eer(after)} after training`);
      printResult(`\nA genuine signature:\n${renderResult(genuine)}`);
      printResult(`\nA skilled forgery:\n${renderResult(forged)}`);
      printResult(`\nEverything is in ${out}: pictures/, report.html, report.json, verdicts.json, run/model.onnx`);
    });
}
