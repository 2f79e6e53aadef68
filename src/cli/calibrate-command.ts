import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { runCalibration } from '../evaluate/calibrate-run.js';
import { modelOption } from './model-option.js';
import { parseCount, parseSeed } from './number-flag.js';
import { formatPercent, ProgressLine, printJson, printNote, printResult } from './terminal.js';

interface CalibrateFlags {
  readonly model: string;
  readonly data: string;
  readonly layout?: string;
  readonly protocol?: string;
  readonly writers?: number;
  readonly seed: number;
  readonly out: string;
  readonly cache: boolean;
  readonly json?: boolean;
}

export function addCalibrateCommand(program: Command): void {
  program
    .command('calibrate')
    .description('fit threshold, similarity and operating points of a model on your own writers')
    .addOption(modelOption('--model <model>', 'model'))
    .requiredOption('--data <path>', 'genuine signatures and skilled forgeries of writers that it has not learnt from')
    .option('--layout <name>', 'layout of the data set, where it is not recognised')
    .option('--protocol <name>', 'keep the test writers of this protocol out; see `countersign protocols`')
    .option('--writers <number>', 'writers to draw; without it all', parseCount('--writers'))
    .option('--seed <integer>', 'of the draw', parseSeed('--seed'), 1)
    .requiredOption('--out <file>', 'model file to write (.onnx)')
    .option('--no-cache', 'prepare every image anew')
    .option('--json', 'print the result as JSON')
    .action(async ({ cache, json, ...flags }: CalibrateFlags) => {
      const line = new ProgressLine();
      const { calibration, ...result } = await runCalibration({
        ...flags,
        workers: availableParallelism(),
        ...(!cache && { cacheDir: null }),
        onPrepare: (done, total) => line.update(() => `preparing images ${done}/${total}`),
      });
      line.clear();
      const { eer, threshold, leftOut, file, modelId } = result;
      if (leftOut.length > 0) printNote(`images without a signature, left out: ${leftOut.length}`);
      if (json) return printJson({ ...result, writers: calibration.writers });
      printResult(
        `${file}: ${modelId}, threshold ${threshold.toFixed(4)}, EER ${formatPercent(eer)} on ${calibration.writers.length} calibration writers`,
      );
    });
}
