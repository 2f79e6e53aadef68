import type { Command } from 'commander';
import { synthesisOptionsSchema } from '../data/synthetic/options.js';
import { synthesizeDataset } from '../data/synthetic/synthesize-dataset.js';
import { addSchemaFlags, parseSchemaFlags } from './schema-flags.js';
import { ProgressLine, printJson, printResult } from './terminal.js';

export function addSynthesizeCommand(program: Command): void {
  const command = program
    .command('synthesize')
    .description('make writers with genuine signatures and skilled forgeries, free of any licence')
    .requiredOption(
      '--out <dir>',
      'folder to write <writer>/genuine and <writer>/forged into; must not exist or be empty',
    )
    .option('--json', 'print the summary as JSON');
  addSchemaFlags(command, synthesisOptionsSchema);
  command.action(async (flags: { readonly out: string; readonly json?: boolean }) => {
    const options = parseSchemaFlags(synthesisOptionsSchema, flags as unknown as Record<string, unknown>);
    const line = new ProgressLine();
    const summary = await synthesizeDataset(flags.out, {
      ...options,
      onProgress: ({ done, total }) => line.update(() => `writer ${done}/${total}`),
    });
    line.clear();
    if (flags.json) printJson(summary);
    else {
      const { root, writers, genuine, forged } = summary;
      printResult(`${root}: ${writers} writers, ${genuine} genuine signatures, ${forged} skilled forgeries`);
    }
  });
}
