/** Recipes: trainings with a name, as data. What a recipe does not say has the default of the configuration. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { openDataset } from '../data/open-dataset.js';
import { synthesisOptionsSchema } from '../data/synthetic/options.js';
import { trainConfigSchema } from './config.js';

const recipeSchema = z.strictObject({
  schema: z.literal('countersign/recipe@1'),
  title: z.string().min(1),
  /** Data sets that the caller has to name, and the list of test writers that is kept out of each. */
  sets: z.array(z.strictObject({ dataset: z.string(), protocol: z.string().optional() })),
  /** Synthetic writers that are made for the run: a data set called `synthetic`. */
  synthetic: synthesisOptionsSchema.optional(),
  /** The recipe whose model this one starts from, of the same data sets or none; without it from the weights given. */
  after: z.string().optional(),
  /** As `trainConfigSchema`, in part; flags are laid over it. */
  config: z.record(z.string(), z.unknown()).superRefine((config, context) => {
    for (const { path, message } of trainConfigSchema.safeParse(config).error?.issues ?? []) {
      context.addIssue({ code: 'custom', path, message });
    }
  }),
});

export type Recipe = z.output<typeof recipeSchema>;

/** Recipes of the package; another is named by its file. */
export const RECIPE_NAMES = [
  'shipped',
  'careful',
  'small',
  'all-sets-spliced',
  'all-sets-imitated',
  'all-sets-halfway',
  'all-sets-again',
  'all-sets',
  'synthetic-short',
  'synthetic-again',
  'synthetic',
] as const;

/** @throws CountersignError INVALID_ARGUMENT */
export async function readRecipe(nameOrFile: string): Promise<Recipe> {
  const isName = (RECIPE_NAMES as readonly string[]).includes(nameOrFile);
  const file = isName ? fileURLToPath(new URL(`../../recipes/${nameOrFile}.json`, import.meta.url)) : nameOrFile;
  const refuse = (what: string, cause?: unknown) =>
    new CountersignError('INVALID_ARGUMENT', `Expected a recipe, ${RECIPE_NAMES.join(', ')} or a file; ${what}.`, {
      cause,
    });
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw refuse(`${nameOrFile} came, and ${cause.code} on reading it`, cause);
  });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw refuse(`${nameOrFile} is not JSON`, cause);
  }
  const parsed = recipeSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw refuse(`${nameOrFile} does not fit: ${z.prettifyError(parsed.error)}`, parsed.error);
}

/** Lists of test writers that are kept out, one for each set that has one. */
export const protocolsOf = ({ sets }: Recipe): string[] => sets.flatMap(({ protocol }) => protocol ?? []);

/** @throws CountersignError INVALID_ARGUMENT when the data sets are not those of the recipe; DATASET_* */
export async function requireSetsOf({ sets }: Recipe, paths: readonly string[]): Promise<void> {
  const found = await Promise.all(paths.map(async (path) => (await openDataset(path)).name));
  const expected = sets.map(({ dataset }) => dataset);
  if (String([...found].sort()) === String([...expected].sort())) return;
  const list = (names: readonly string[]) => (names.length === 0 ? 'no data set' : names.join(', '));
  throw new CountersignError(
    'INVALID_ARGUMENT',
    `The recipe is for ${list(expected)}; ${list(found)} came. Name each by --data.`,
    { details: { expected, found } },
  );
}
