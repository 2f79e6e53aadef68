import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { trainConfigSchema } from '../train/config.js';
import { parseNumber, parseSeed } from './number-flag.js';
import { addSchemaFlags, parseSchemaFlags } from './schema-flags.js';

const schema = z.strictObject({
  writers: z.int().min(1).max(9).describe('How many'),
  learningRate: z.number().positive().default(0.5),
  beta1: z.number().default(0.9),
  frozen: z.boolean().default(false),
  shuffled: z.boolean().default(true),
  miner: z.enum(['all', 'hard']).default('all'),
  grids: z
    .array(z.tuple([z.int(), z.int()]))
    .min(1)
    .default([[1, 1]]),
  canvas: z.strictObject({ heightPx: z.int().default(64), widthPx: z.int().default(96) }).prefault({}),
});

function parse(...args: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addSchemaFlags(command, schema);
  command.parse(args, { from: 'user' });
  return parseSchemaFlags(schema, command.opts());
}
function refusal(...args: string[]): string {
  try {
    parse(...args);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    expect(error.code).toBe('INVALID_ARGUMENT');
    return error.message;
  }
  throw new Error('nothing was refused');
}

describe('flags of a schema', () => {
  it('give the defaults where they are left out', () => {
    expect(parse('--writers', '3')).toEqual(schema.parse({ writers: 3 }));
  });

  it('give numbers, truth values, choices, JSON and nested values', () => {
    const flags = ['--writers', '3', '--learning-rate', '2e-3', '--beta1', '0.5', '--frozen', '--shuffled', 'false'];
    const more = ['--miner', 'hard', '--grids', '[[1,2],[3,4]]', '--canvas-height-px', '32'];
    expect(parse(...flags, ...more)).toEqual({
      writers: 3,
      learningRate: 0.002,
      beta1: 0.5,
      frozen: true,
      shuffled: false,
      miner: 'hard',
      grids: [
        [1, 2],
        [3, 4],
      ],
      canvas: { heightPx: 32, widthPx: 96 },
    });
  });

  it('switch off what is on: --no-... is what the help shows', () => {
    expect(parse('--writers', '3', '--no-shuffled')).toMatchObject({ shuffled: false });
    expect(parse('--writers', '3', '--shuffled')).toMatchObject({ shuffled: true });
    const command = new Command();
    addSchemaFlags(command, schema);
    const help = command.helpInformation();
    expect(help).toMatch(/--no-shuffled\s+do without: shuffled/);
    expect(help).not.toContain('--shuffled');
    expect(help).not.toContain('--no-frozen');
  });

  it.each([
    [['--writers', 'x'], '--writers: expected a number; "x" came.'],
    [['--writers', ''], '--writers: expected a number; "" came.'],
    [['--writers', 'Infinity'], '--writers: expected a number; "Infinity" came.'],
    [['--writers', '1.5'], '--writers: expected a whole number; 1.5 came.'],
    [['--writers', '0'], '--writers: expected at least 1; 0 came.'],
    [['--writers', '10'], '--writers: expected at most 9; 10 came.'],
    [[], '--writers: expected a number; nothing came.'],
    [['--writers', '1', '--learning-rate', '0'], '--learning-rate: expected more than 0; 0 came.'],
    [['--writers', '1', '--frozen', 'no'], '--frozen: expected true or false; "no" came.'],
    [['--writers', '1', '--miner', 'gold'], '--miner: expected all or hard; "gold" came.'],
    [['--writers', '1', '--grids', '1,1'], '--grids: expected a JSON array; "1,1" came.'],
    [['--writers', '1', '--grids', '7'], '--grids: expected a JSON array; 7 came.'],
    [['--writers', '1', '--grids', '[]'], '--grids: expected at least 1 entries; [] came.'],
    [['--writers', '1', '--grids', '[[1,"a"]]'], '--grids[0][1]: expected a number; "a" came.'],
    [['--writers', '1', '--canvas-width-px', '1.5'], '--canvas-width-px: expected a whole number; 1.5 came.'],
  ])('%j: %s', (flags, message) => {
    expect(refusal(...flags)).toBe(message);
  });

  it('names every value that does not fit', () => {
    expect(refusal('--writers', '0', '--miner', 'gold')).toBe(
      '--writers: expected at least 1; 0 came. --miner: expected all or hard; "gold" came.',
    );
  });

  it('shows the default in the help, and no flag for what is excepted', () => {
    const command = new Command();
    addSchemaFlags(command, schema, ['canvas']);
    const help = command.helpInformation();
    expect(help).toMatch(/--learning-rate <number>\s+learning rate \(default: 0.5\)/);
    expect(help).toMatch(/--miner <all\|hard>/);
    expect(help).not.toContain('canvas');
  });

  it('of training have names of their own', () => {
    const command = new Command();
    addSchemaFlags(command, trainConfigSchema);
    const names = command.options.map((option) => option.attributeName());
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('numbers', () => {
  it('are numbers, not what JavaScript makes of a text', () => {
    expect(parseNumber('--threshold')('0.25')).toBe(0.25);
    for (const text of ['', ' ', 'x', '1x', 'NaN', '1,5']) expect(() => parseNumber('--threshold')(text)).toThrow();
  });

  it('that seed are whole and not negative', () => {
    expect(parseSeed('--seed')('0')).toBe(0);
    for (const text of ['-1', '1.5', '1e99', '']) expect(() => parseSeed('--seed')(text)).toThrow(/^--seed: expected /);
  });
});
