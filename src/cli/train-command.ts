import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { CountersignError } from '../core/errors.js';
import { synthesizeDataset } from '../data/synthetic/synthesize-dataset.js';
import { trainConfigSchema } from '../train/config.js';
import { RECIPE_NAMES, type Recipe, readRecipe, requireSetsOf } from '../train/recipe.js';
import { runTraining, type TrainingListener, type TrainingRunResult } from '../train/run.js';
import { DEFAULT_MODEL } from '../verify/verifier.js';
import { addSchemaFlags, parseSchemaFlags } from './schema-flags.js';
import { formatPercent, formatSeconds, ProgressLine, printJson, printNote, printResult } from './terminal.js';

interface TrainFlags {
  readonly recipe?: string;
  readonly data?: string[];
  readonly layout?: string;
  readonly protocol?: string[];
  readonly init: string;
  readonly out: string;
  readonly name?: string;
  readonly resume?: boolean;
  readonly cache: boolean;
  readonly json?: boolean;
}

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .description('train the network on genuine signatures and skilled forgeries')
    .option('--data <path...>', 'data sets: folders in a known layout, or CSV manifests')
    .option(
      '--recipe <name>',
      `a training with a name, ${RECIPE_NAMES.join(' or ')}, or a file: data sets, lists and options; flags come before it`,
    )
    .option('--layout <name>', 'layout of the data sets, where it is not recognised')
    .option('--protocol <name...>', 'keep the test writers of these out of training: see `countersign protocols`')
    .addOption(
      new Option('--init <file>', 'weights to start from: imported (.safetensors) or a model (.onnx)').default(
        DEFAULT_MODEL,
        'the model in the package',
      ),
    )
    .requiredOption('--out <dir>', 'folder for model.onnx, checkpoint.safetensors and run.json')
    .option('--name <name>', 'name of the model, the first part of its id', 'countersign')
    .option('--resume', 'go on from the checkpoint in --out')
    .option('--no-cache', 'prepare every image anew')
    .option('--json', 'print the result as JSON');
  addSchemaFlags(command, trainConfigSchema);
  command.action(async (flags: TrainFlags) => {
    const recipe = flags.recipe === undefined ? undefined : await readRecipe(flags.recipe);
    const config = parseSchemaFlags(trainConfigSchema, flags as unknown as Record<string, unknown>, recipe?.config);
    const data = recipe === undefined ? (flags.data ?? []) : await dataOfRecipe(recipe, flags);
    if (data.length === 0) throw new CountersignError('INVALID_ARGUMENT', 'Expected --data or --recipe.');
    const lists = recipe?.sets.flatMap(({ protocol }) => protocol ?? []) ?? [];
    const protocols = flags.protocol ?? (lists.length > 0 ? lists : undefined);
    const { progress, modelFile, leftOut } = await runTraining({
      config,
      data,
      init: flags.init,
      out: flags.out,
      ...(flags.layout !== undefined && { layout: flags.layout }),
      ...(protocols !== undefined && { protocols }),
      ...(flags.name !== undefined && { name: flags.name }),
      ...(flags.resume !== undefined && { resume: flags.resume }),
      ...(!flags.cache && { cacheDir: null }),
      listener: showProgress(config.steps),
    });
    if (leftOut.length > 0) printNote(renderLeftOut(leftOut));
    if (flags.json) printJson({ model: modelFile, progress, leftOut });
    else {
      const { best } = progress;
      printResult(
        `${modelFile}: step ${best?.step}, EER ${formatPercent(best?.eer ?? Number.NaN)} on the validation writers`,
      );
    }
  });
}

/** The data sets that were named, and the synthetic one, made in the folder of the run unless it is there. */
async function dataOfRecipe(recipe: Recipe, { data = [], out }: TrainFlags): Promise<string[]> {
  await requireSetsOf(recipe, data);
  if (recipe.synthetic === undefined) return data;
  const folder = join(out, 'synthetic');
  if (existsSync(folder)) return [...data, folder]; // it appears whole or not at all
  const line = new ProgressLine();
  const onProgress = ({ done, total }: { done: number; total: number }) =>
    line.update(() => `synthetic writers ${done}/${total}`, done === total);
  await synthesizeDataset(folder, { ...recipe.synthetic, onProgress });
  return [...data, folder];
}

const LEFT_OUT_SHOWN = 5;

function renderLeftOut(leftOut: TrainingRunResult['leftOut']): string {
  const shown = leftOut.slice(0, LEFT_OUT_SHOWN).map(({ id, code }) => `${id} (${code})`);
  const more = leftOut.length - shown.length;
  return `images left out, ${leftOut.length}: ${shown.join(', ')}${more > 0 ? ` and ${more} more (--json names them)` : ''}`;
}

/** Progress of a run on stderr. */
export function showProgress(steps: number): TrainingListener {
  const line = new ProgressLine();
  let started = performance.now();
  let images = 0;
  let firstStep: number | undefined;
  return {
    onPrepare(done, total) {
      line.update(() => `preparing images ${done}/${total}`, done === total);
    },
    onStart({ developmentWriters, identitiesWithoutPair, validationWriters, testWriters, images: count }) {
      line.clear();
      printNote(
        `${count} images of ${developmentWriters} writers to learn from, ${validationWriters} writers for validation, ${testWriters} kept for the test`,
      );
      if (identitiesWithoutPair > 0) {
        printNote(`writers with fewer than two genuine signatures, which teach nothing: ${identitiesWithoutPair}`);
      }
      started = performance.now();
    },
    onStep(report) {
      firstStep ??= report.step - 1;
      images += report.images;
      const seconds = (performance.now() - started) / 1000;
      const left = (seconds / (report.step - firstStep)) * (steps - report.step);
      line.update(
        () =>
          `step ${report.step}/${steps}  loss ${report.loss.toFixed(4)}  active ${formatPercent(report.activeShare)}  ` +
          `${(images / seconds).toFixed(1)} images/s  ETA ${formatSeconds(left)}`,
        report.step === steps,
      );
    },
    onValidation({ step, validation, isBest }) {
      line.clear();
      printNote(`step ${step}: validation EER ${formatPercent(validation.eer)}${isBest ? ', best so far' : ''}`);
      const rate = (value: number | null) => (value === null ? '-' : formatPercent(value));
      for (const { dataset, skilled, random } of validation.sets) {
        printNote(`  ${dataset}: skilled ${rate(skilled)}, random ${rate(random)}`);
      }
    },
  };
}
