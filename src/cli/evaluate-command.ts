import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { CountersignError } from '../core/errors.js';
import { openForeignEmbedder } from '../runtime/foreign-embedder.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import { deliverReport } from './deliver-report.js';
import { evaluateWithPictures } from './evaluate-with-pictures.js';
import { modelOption } from './model-option.js';
import { parseCount, parseNumber, parseSeed } from './number-flag.js';
import { occasion } from './occasion.js';
import { ProgressLine } from './terminal.js';

interface EvaluateFlags {
  readonly data: string;
  readonly layout?: string;
  readonly protocol?: string;
  readonly model: string;
  readonly adapter?: string;
  readonly threshold?: number;
  readonly calibrationWriters?: number;
  readonly seed: number;
  readonly out?: string;
  readonly pictures: boolean;
  readonly cache: boolean;
  readonly probe: boolean;
  readonly json?: boolean;
}

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description('measure a model on writers it has not seen')
    .requiredOption('--data <path>', 'data set: a folder in a known layout, or a CSV manifest')
    .option('--layout <name>', 'layout of the data set, where it is not recognised')
    .option(
      '--protocol <name>',
      'which writers are tested: a name of `countersign protocols`, or a document of your own (.json)',
    )
    .addOption(modelOption('--model <model>', 'model'))
    .option('--adapter <file>', 'JSON: how an ONNX embedding network of others, given with --model, is fed')
    .option('--threshold <distance>', "accept up to this distance, instead of the model's", parseNumber('--threshold'))
    .option(
      '--calibration-writers <integer>',
      'with --adapter: writers that are not tested, on whom threshold and similarity are fixed (default: 10)',
      parseCount('--calibration-writers'),
    )
    .option(
      '--seed <integer>',
      'of calibration writers, random forgeries, reference draws and bootstrap',
      parseSeed('--seed'),
      1,
    )
    .option('--out <dir>', 'write report.json and report.html into this folder')
    .option('--no-pictures', 'leave pictures of signatures out of report.html: they are personal data')
    .option('--no-cache', 'prepare every image anew')
    .option('--no-probe', 'leave out the leak probe, which reads every image of the set')
    .option('--json', 'print the report as JSON')
    .action(async (flags: EvaluateFlags) => {
      const { model, adapter, threshold, calibrationWriters } = flags;
      if (calibrationWriters !== undefined && (adapter === undefined || threshold !== undefined)) {
        const message = '--calibration-writers: expected only with --adapter, and without --threshold.';
        throw new CountersignError('INVALID_ARGUMENT', message);
      }
      const workers = availableParallelism();
      const embedder =
        adapter === undefined
          ? await openEmbedder(model, { workers })
          : await openForeignEmbedder(model, adapter, { workers });
      const line = new ProgressLine();
      try {
        const { report, pictures } = await evaluateWithPictures({
          data: flags.data,
          layout: flags.layout,
          protocol: flags.protocol,
          embedder,
          threshold,
          calibrationWriters,
          seed: flags.seed,
          occasion: occasion(),
          ...(!flags.cache && { cacheDir: null }),
          probe: flags.probe,
          onPrepare: (done, total) => line.update(() => `preparing images ${done}/${total}`),
          onProbe: (done, total) => line.update(() => `leak probe, images ${done}/${total}`),
        });
        line.clear();
        await deliverReport(report, flags, flags.pictures ? pictures : undefined);
      } finally {
        await embedder.close();
      }
    });
}
