import type { Command } from 'commander';
import { findProtocol, PROTOCOLS } from '../data/find-protocol.js';
import type { Protocol } from '../data/protocol.js';
import { printJson, printResult } from './terminal.js';

export function addProtocolsCommand(program: Command): void {
  program
    .command('protocols')
    .description('what --protocol takes, and what is measured by it')
    .argument('[name]', 'one of them, or a document of your own (.json)')
    .option('--json', 'print the documents whole')
    .action((name: string | undefined, { json }: { readonly json?: boolean }) => {
      const protocols = name === undefined ? PROTOCOLS : [findProtocol(name)];
      if (json) return printJson(name === undefined ? protocols : protocols[0]);
      printResult([...protocols.map(line), ...(name === undefined ? MEASURES : [])].join('\n'));
    });
}

/** What each run of `evaluate` or `audit` answers. */
const MEASURES = [
  '',
  'cedar/random@7: the same draw by another seed. cedar/published/shape-only: any of them, by shape alone.',
  '',
  'P0  leak audit: beside every evaluation; in full by countersign audit <data> --protocol <name>',
  'P1  one reference, all pairs, one threshold: countersign evaluate --data <data> --protocol <set>/published',
  '    on writers drawn at random: <set>/random@1, @2, ... for train and evaluate; then countersign summary',
  'P2  1, 3, 5 and 10 references: in the same report',
  'P3  across sets, threshold carried over: evaluate on a set that the model did not learn from',
  "P4  the notebook twin's split: --protocol bhsig260-hindi/seed-twin",
  'P5  shape only: --protocol <name>/shape-only',
];

function line({ name, title, testWriters }: Protocol): string {
  const writers =
    testWriters.select === 'all'
      ? 'all writers'
      : testWriters.select === 'list'
        ? `${testWriters.writers.length} writers`
        : `${testWriters.count} of ${testWriters.from} writers`;
  return `${name.padEnd(28)}${writers.padEnd(20)}${title}`;
}
