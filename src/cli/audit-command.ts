import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { runAudit } from '../evaluate/audit-run.js';
import { renderAuditText } from '../evaluate/audit-text.js';
import { openEmbedder } from '../runtime/model-embedder.js';
import { modelOption } from './model-option.js';
import { parseSeed } from './number-flag.js';
import { ProgressLine, printJson, printResult } from './terminal.js';

interface AuditFlags {
  readonly layout?: string;
  readonly protocol?: string;
  readonly model: string;
  readonly seed: number;
  readonly json?: boolean;
}

export function addAuditCommand(program: Command): void {
  program
    .command('audit')
    .description('how far a data set can be solved without looking at a signature: duplicates, paper, pen, canvas')
    .argument('<path>', 'data set: a folder in a known layout, or a CSV manifest')
    .option('--layout <name>', 'layout of the data set, where it is not recognised')
    .option('--protocol <name>', 'whose test writers the probe is tested on: see `countersign protocols`')
    .addOption(modelOption('--model <model>', 'model whose preparation is audited'))
    .option('--seed <integer>', 'of the random halves', parseSeed('--seed'), 1)
    .option('--json', 'print the report as JSON')
    .action(async (data: string, flags: AuditFlags) => {
      const embedder = await openEmbedder(flags.model, { workers: availableParallelism() });
      const line = new ProgressLine();
      try {
        const report = await runAudit({
          data,
          layout: flags.layout,
          protocol: flags.protocol,
          preprocess: embedder.metadata.preprocess,
          pool: embedder.pool,
          seed: flags.seed,
          onProgress: (done, total) => line.update(() => `measuring images ${done}/${total}`),
        });
        line.clear();
        if (flags.json) printJson(report);
        else printResult(renderAuditText(report));
      } finally {
        await embedder.close();
      }
    });
}
