import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { REFERENCE_COUNTS } from '../evaluate/fit-model-calibration.js';
import { formatRate, inReferences } from '../evaluate/operating-points.js';
import { type PromiseRunReport, runPromise } from '../evaluate/promise-run.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import { modelOption } from './model-option.js';
import { parseCount, parseSeed } from './number-flag.js';
import { ProgressLine, printJson, printResult } from './terminal.js';

interface PromiseFlags {
  readonly data: string;
  readonly layout?: string;
  readonly protocol?: string;
  readonly testData?: string;
  readonly model: string;
  readonly splits: number;
  readonly references: string;
  readonly seed: number;
  readonly cache: boolean;
  readonly json?: boolean;
}

export function addPromiseCommand(program: Command): void {
  program
    .command('promise')
    .description('fit thresholds on half of unseen writers and see whether the other half keeps them')
    .requiredOption('--data <path>', 'data set: a folder in a known layout, or a CSV manifest')
    .option('--layout <name>', 'layout of the data set, where it is not recognised')
    .option('--protocol <name>', 'list of test writers to split; without one all writers are')
    .option('--test-data <path>', 'test on all writers of this set in place of the other half')
    .addOption(modelOption('--model <model>', 'model'))
    .option('--splits <number>', 'random splits', parseCount('--splits'), 10)
    .addOption(new Option('--references <number>', 'references').choices(REFERENCE_COUNTS.map(String)).default('1'))
    .option('--seed <integer>', 'of the splits', parseSeed('--seed'), 1)
    .option('--no-cache', 'prepare every image anew')
    .option('--json', 'print the report as JSON')
    .action(async ({ model, cache, json, references, ...flags }: PromiseFlags) => {
      const embedder = await openEmbedder(model, { workers: availableParallelism() });
      const line = new ProgressLine();
      try {
        const report = await runPromise({
          ...flags,
          references: Number(references),
          embedder,
          ...(!cache && { cacheDir: null }),
          onPrepare: (done, total) => line.update(() => `preparing images ${done}/${total}`),
        });
        line.clear();
        if (json) printJson(report);
        else printResult(renderPromise(report));
      } finally {
        await embedder.close();
      }
    });
}

function renderPromise(report: PromiseRunReport): string {
  const { dataset, protocol, testDataset, modelId, references, splits, targets } = report;
  const [first] = splits;
  const tested = testDataset === null ? 'the others' : `all of ${testDataset}`;
  return [
    `${dataset}, ${protocol}   model ${modelId}   ${inReferences(references)}`,
    `${splits.length} random splits: thresholds from ${first?.calibrationWriters} writers, tested on ${first?.testWriters}, ${tested}`,
    '',
    'FAR, skilled   realised: mean, least, most     within a factor of two   promised, and kept',
    ...targets.map(({ target, realisedMean, realisedLeast, realisedMost, kept, promised, promisedAndKept }) => {
      const realised = `${formatRate(realisedMean)}, ${formatRate(realisedLeast)}, ${formatRate(realisedMost)}`;
      return `${formatRate(target).padEnd(15)}${realised.padEnd(32)}${`${kept} of ${splits.length}`.padEnd(25)}${promised}, ${promisedAndKept}`;
    }),
    '',
    `Cllr ${report.cllrMean.toFixed(3)} bits, ${report.calibrationCost.toFixed(3)} above the least`,
  ].join('\n');
}
