import type { Command } from 'commander';
import { modelOption } from './model-option.js';
import { parseCount, parseSeed } from './number-flag.js';
import { quantizeModel } from './quantize.js';
import { ProgressLine, printJson, printNote, printResult } from './terminal.js';

interface QuantizeFlags {
  readonly model: string;
  readonly data: string;
  readonly layout?: string;
  readonly protocol?: string;
  readonly images: number;
  readonly seed: number;
  readonly out: string;
  readonly cache: boolean;
  readonly json?: boolean;
}

export function addQuantizeCommand(program: Command): void {
  program
    .command('quantize')
    .description('make a model of 8-bit integers from a float one: a quarter of its size, and faster')
    .addOption(modelOption('--model <model>', 'float model', 'float'))
    .requiredOption('--data <path>', 'signatures like those it will see: a folder in a known layout, or a CSV manifest')
    .option('--layout <name>', 'layout of the data set, where it is not recognised')
    .option('--protocol <name>', 'keep the test writers of this one out: see `countersign protocols`')
    .option(
      '--images <number>',
      'images to draw, for ranges and errors of the activations',
      parseCount('--images'),
      400,
    )
    .option('--seed <integer>', 'of the draw', parseSeed('--seed'), 1)
    .requiredOption('--out <file>', 'model file to write (.onnx)')
    .option('--no-cache', 'prepare every image anew')
    .option('--json', 'print the result as JSON')
    .action(async ({ cache, json, ...flags }: QuantizeFlags) => {
      const line = new ProgressLine();
      const result = await quantizeModel({
        ...flags,
        ...(!cache && { cacheDir: null }),
        onPrepare: (done, total) => line.update(() => `preparing images ${done}/${total}`),
        onRun: (done, total) => line.update(() => `measuring activations ${done}/${total}`),
      });
      line.clear();
      if (result.leftOut.length > 0) printNote(`images without a signature, left out: ${result.leftOut.length}`);
      if (json) return printJson(result);
      const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
      printResult(
        `${result.file}: ${result.modelId}, ${megabytes(result.bytes)} MB instead of ${megabytes(result.sourceBytes)} MB, fitted on ${result.images} images`,
      );
    });
}
