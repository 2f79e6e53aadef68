import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { findProtocol } from '../data/find-protocol.js';
import { synthesizeDataset } from '../data/synthetic/synthesize-dataset.js';
import { trainConfigSchema } from './config.js';
import { RECIPE_NAMES, readRecipe, requireSetsOf } from './recipe.js';

describe('recipes of the package', () => {
  it.each(RECIPE_NAMES)(
    '%s: options that the configuration takes, lists of its sets, shares of sets it has',
    async (name) => {
      const { sets, synthetic, config, after } = await readRecipe(name);
      if (after !== undefined) expect(RECIPE_NAMES).toContain(after);
      const { setShares } = trainConfigSchema.parse(config);
      for (const { dataset, protocol } of sets) {
        if (protocol !== undefined) expect(findProtocol(protocol).dataset).toBe(dataset);
      }
      const names = [...sets.map(({ dataset }) => dataset), ...(synthetic ? ['synthetic'] : [])];
      expect(names).toEqual(expect.arrayContaining(Object.keys(setShares)));
    },
  );
});

describe('readRecipe', () => {
  it.each([
    ['no file', undefined, 'ENOENT'],
    ['no JSON', '{', 'is not JSON'],
    ['another document', '{"schema":"other"}', 'does not fit'],
    [
      'a configuration of another shape',
      '{"schema":"countersign/recipe@1","title":"x","sets":[],"config":{"augment":5}}',
      'augment',
    ],
  ])('refuses %s', async (_, text, reason) => {
    const file = join(await temporaryFolder(), 'recipe.json');
    if (text !== undefined) await writeFile(file, text);
    const error = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) });
    await expect(readRecipe(file)).rejects.toEqual(error);
  });
});

describe('requireSetsOf', () => {
  it('wants each set of the recipe, once, and no other', async () => {
    const folder = await temporaryFolder();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    for (const out of [a, b]) await synthesizeDataset(out, { writers: 1, genuine: 2, forged: 1 });
    const recipe = {
      schema: 'countersign/recipe@1' as const,
      title: 'two sets',
      sets: [{ dataset: 'a' }, { dataset: 'b' }],
      config: {},
    };
    await expect(requireSetsOf(recipe, [b, a])).resolves.toBeUndefined();
    for (const paths of [[a], [a, a, b], []]) {
      const error = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('for a, b') });
      await expect(requireSetsOf(recipe, paths)).rejects.toEqual(error);
    }
  });
});
