/** What a recipe's training is made from: its synthetic writers, and the model of the recipe that comes before it. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CountersignError } from '../core/errors.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { GENERATOR_REVISION } from '../data/synthetic/revision.js';
import { synthesizeDataset } from '../data/synthetic/synthesize-dataset.js';
import { type TrainConfig, trainConfigSchema } from '../train/config.js';
import { protocolsOf, type Recipe, readRecipe, requireSetsOf } from '../train/recipe.js';
import { runTraining } from '../train/run.js';
import { checkpointIn } from '../train/run-folder.js';
import { VERSION } from '../version.js';
import { ProgressLine, printNote } from './terminal.js';
import { showProgress } from './training-progress.js';

/** The data sets that were named, and the synthetic one, made in the folder of the run unless it is there. */
export async function dataOfRecipe(recipe: Recipe, data: readonly string[], out: string): Promise<string[]> {
  await requireSetsOf(recipe, data);
  return recipe.synthetic === undefined ? [...data] : [...data, await synthetic(recipe.synthetic, out)];
}

/**
 * The weights that the recipe starts from: `init`, or what the recipe before it makes of `init`, in the folder `before`
 * of the run. A run that is there is gone on with, and taken as it is once it has finished.
 *
 * @param config - what of it is of the machine, and not of the recipe, holds for each training on the way
 */
export async function startOfRecipe(
  recipe: Recipe,
  run: {
    readonly init: string;
    readonly witness: string;
    readonly data?: readonly string[];
    readonly out: string;
    readonly cache: boolean;
  },
  { workers, device, microBatch }: Pick<TrainConfig, 'workers' | 'device' | 'microBatch'>,
): Promise<string> {
  if (recipe.after === undefined) return run.init;
  const { out, cache } = run;
  const machine = { workers, device, microBatch };
  const folder = join(out, 'before');
  const model = join(folder, 'model.onnx');
  await claimFolder(folder, { recipe: recipe.after }, 'the training before that of this recipe');
  if (await isFinished(folder)) return model;
  const before = await readRecipe(recipe.after);
  printNote(`first ${recipe.after}: ${before.title}`);
  const config = trainConfigSchema.parse({ ...before.config, ...machine });
  const init = await startOfRecipe(before, { ...run, out: folder }, machine);
  await runTraining({
    config,
    data: await dataOfRecipe(before, before.sets.length === 0 ? [] : (run.data ?? []), folder),
    protocols: protocolsOf(before),
    init,
    witness: run.witness,
    out: folder,
    resume: existsSync(checkpointIn(folder)),
    ...(!cache && { cacheDir: null }),
    listener: showProgress(config.steps),
  });
  return model;
}

async function isFinished(folder: string): Promise<boolean> {
  const record = await readFile(join(folder, 'run.json'), 'utf8').catch(() => '{}');
  return 'finished' in (JSON.parse(record) as object);
}

/**
 * What a folder is made from is written beside it, so that another recipe's is not taken for it.
 *
 * @returns whether the folder is there already
 * @throws CountersignError INVALID_ARGUMENT where it was made from something else
 */
async function claimFolder(folder: string, source: object, what: string): Promise<boolean> {
  const made = { ...source, version: VERSION, generator: GENERATOR_REVISION };
  const [record, asked] = [`${folder}.json`, `${JSON.stringify(made)}\n`];
  if (!existsSync(folder)) {
    await writeFileAtomic(record, asked);
    return false;
  }
  if ((await readFile(record, 'utf8').catch(() => '')) === asked) return true;
  const message = `Expected ${folder} to hold ${what}, but others made it; remove it, or name another --out.`;
  throw new CountersignError('INVALID_ARGUMENT', message, { details: { folder } });
}

/** @returns the folder of the synthetic set */
async function synthetic(options: NonNullable<Recipe['synthetic']>, out: string): Promise<string> {
  const folder = join(out, 'synthetic');
  if (await claimFolder(folder, options, 'the synthetic writers of this recipe')) return folder;
  const line = new ProgressLine();
  const onProgress = ({ done, total }: { done: number; total: number }) =>
    line.update(() => `synthetic writers ${done}/${total}`, done === total);
  await synthesizeDataset(folder, { ...options, onProgress }); // it appears whole or not at all
  return folder;
}
