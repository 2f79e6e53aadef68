import type { Command } from 'commander';
import { findDuplicates } from '../data/duplicates.js';
import { openDataset } from '../data/open-dataset.js';
import { groupByWriter } from '../data/writers.js';
import { identities } from '../evaluate/pairs.js';
import { printJson, printResult } from './terminal.js';

interface InspectFlags {
  readonly layout?: string;
  readonly pixels?: boolean;
  readonly json?: boolean;
}

export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('what a data set holds: layout, writers, counts, exact duplicates')
    .argument('<path>', 'folder in a known layout, or a CSV manifest')
    .option('--layout <name>', 'layout of the data set, where it is not recognised')
    .option('--pixels', 'find duplicates by decoded pixels instead of file bytes (slower; also finds re-encoded ones)')
    .option('--json', 'print the result as JSON')
    .action(async (path: string, flags: InspectFlags) => {
      const dataset = await openDataset(path, { layout: flags.layout });
      const writers = groupByWriter(dataset.samples);
      const duplicates = await findDuplicates(dataset.samples, { by: flags.pixels ? 'pixels' : 'bytes' });
      const count = (kind: 'genuine' | 'forged') => writers.reduce((sum, writer) => sum + writer[kind].length, 0);
      const facts = {
        name: dataset.name,
        layout: dataset.layout,
        writers: writers.length,
        writersWithForgeries: writers.filter(({ forged }) => forged.length > 0).length,
        identities: identities(dataset.samples).length,
        genuine: count('genuine'),
        forged: count('forged'),
      };
      if (flags.json) return printJson({ ...facts, duplicates });
      printResult(`${facts.name} (layout ${facts.layout})`);
      printResult(
        `${facts.writers} writers (${facts.writersWithForgeries} with skilled forgeries), ${facts.identities} identities, ` +
          `${facts.genuine} genuine signatures, ${facts.forged} skilled forgeries`,
      );
      printResult(
        `exact duplicates by ${duplicates.by}: ${duplicates.surplus.genuine} surplus genuine, ${duplicates.surplus.forged} surplus forged; ` +
          `${duplicates.groupsAcrossWriters} groups across writers, ${duplicates.groupsAcrossKinds} across genuine and forged`,
      );
      for (const { samples } of duplicates.groups.slice(0, 5))
        printResult(`  ${samples.map(({ id }) => id).join(' = ')}`);
      if (duplicates.groups.length > 5)
        printResult(`  ... and ${duplicates.groups.length - 5} groups more (--json lists all)`);
    });
}
