import type { Command } from 'commander';
import { CountersignError } from '../core/errors.js';
import { trainConfigSchema } from '../train/config.js';
import { inheritedConfig } from '../train/inherited-config.js';
import { protocolsOf, RECIPE_NAMES, readRecipe } from '../train/recipe.js';
import { runTraining, type TrainingRunResult } from '../train/run.js';
import { modelOption } from './model-option.js';
import { dataOfRecipe, startOfRecipe } from './recipe-run.js';
import { addSchemaFlags, parseSchemaFlags } from './schema-flags.js';
import { formatPercent, printJson, printNote, printResult } from './terminal.js';
import { showProgress } from './training-progress.js';

interface TrainFlags {
  readonly recipe?: string;
  readonly data?: string[];
  readonly layout?: string;
  readonly protocol?: string[];
  readonly init: string;
  readonly witness: string;
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
      modelOption('--init <weights>', 'weights to start from, imported (.safetensors) or a model (.onnx)', 'float'),
    )
    .addOption(
      modelOption(
        '--witness <model>',
        'with --radius-share: a model that has learnt from none of the writers of some data set with forgeries',
        'synthetic',
      ),
    )
    .requiredOption(
      '--out <dir>',
      'folder for model.onnx, checkpoint.safetensors and run.json, with --careful for careful.onnx too',
    )
    .option('--name <name>', 'name of the model, the first part of its id', 'countersign')
    .option('--resume', 'go on from the checkpoint in --out')
    .option('--no-cache', 'prepare every image anew')
    .option('--json', 'print the result as JSON');
  addSchemaFlags(command, trainConfigSchema);
  command.action(async (flags: TrainFlags) => {
    const recipe = flags.recipe === undefined ? undefined : await readRecipe(flags.recipe);
    const known = recipe === undefined || flags.resume ? await inheritedConfig(flags) : recipe.config;
    const config = parseSchemaFlags(trainConfigSchema, flags as unknown as Record<string, unknown>, known);
    if (recipe !== undefined && flags.layout !== undefined) {
      const message = '--layout: a recipe recognises the layouts of its own data sets.';
      throw new CountersignError('INVALID_ARGUMENT', message);
    }
    const data = recipe === undefined ? (flags.data ?? []) : await dataOfRecipe(recipe, flags.data ?? [], flags.out);
    if (data.length === 0) throw new CountersignError('INVALID_ARGUMENT', 'Expected --data or --recipe.');
    const lists = recipe === undefined ? [] : protocolsOf(recipe);
    const protocols = flags.protocol ?? (lists.length > 0 ? lists : undefined);
    const { progress, modelFile, eer, leftOut, careful } = await runTraining({
      config,
      data,
      init: recipe === undefined ? flags.init : await startOfRecipe(recipe, flags, config),
      witness: flags.witness,
      out: flags.out,
      ...(flags.layout !== undefined && { layout: flags.layout }),
      ...(protocols !== undefined && { protocols }),
      ...(flags.name !== undefined && { name: flags.name }),
      ...(flags.resume !== undefined && { resume: flags.resume }),
      ...(!flags.cache && { cacheDir: null }),
      listener: showProgress(config.steps),
    });
    if (leftOut.length > 0) printNote(renderLeftOut(leftOut));
    if (flags.json) printJson({ model: modelFile, eer, progress, leftOut, ...(careful && { careful }) });
    else {
      const step = progress.best?.step;
      printResult(`${modelFile}: step ${step}, EER ${formatPercent(eer ?? Number.NaN)} on the validation writers`);
      if (careful) printResult(`${careful.modelFile}: two views, EER ${formatPercent(careful.eer)} on the same`);
    }
  });
}

const LEFT_OUT_SHOWN = 5;

function renderLeftOut(leftOut: TrainingRunResult['leftOut']): string {
  const shown = leftOut.slice(0, LEFT_OUT_SHOWN).map(({ id, code }) => `${id} (${code})`);
  const more = leftOut.length - shown.length;
  return `images left out, ${leftOut.length}: ${shown.join(', ')}${more > 0 ? ` and ${more} more (--json names them)` : ''}`;
}
