import { basename } from 'node:path';
import type { Command } from 'commander';
import { CountersignError } from '../core/errors.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { sha256 } from '../data/content-hash.js';
import { renderModelCard } from '../evaluate/model-card.js';
import type { EvaluationReport } from '../evaluate/report.js';
import { readReport } from '../evaluate/report-schema.js';
import { readModelMetadata } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import { printResult } from './terminal.js';

interface ModelCardFlags {
  readonly report: string[];
  readonly source: string[];
  readonly out?: string;
}

export function addModelCardCommand(program: Command): void {
  program
    .command('model-card')
    .description('what a model is, learnt from, was measured at, and is not for: Markdown from its file and reports')
    .argument('<model>', 'model file')
    .option('--report <file...>', 'report.json of this model, as evaluate wrote it', [])
    .option(
      '--source <name=words...>',
      'terms of a data set or of initial weights that the card does not know: syn200="synthetic: free"',
      [],
    )
    .option('--out <file>', 'file to write; without it the card is printed')
    .action(async (model: string, flags: ModelCardFlags) => {
      const bytes = await readModelFile(model);
      const metadata = readModelMetadata(bytes);
      const reports: EvaluationReport[] = [];
      for (const file of flags.report) reports.push(requireModel(await readReport(file), metadata.id, file));
      const card = renderModelCard({
        metadata,
        file: { name: basename(model), bytes: bytes.length, sha256: sha256(bytes) },
        reports,
        sources: new Map(flags.source.map(parseSource)),
      });
      if (flags.out === undefined) printResult(card.trimEnd());
      else {
        await writeFileAtomic(flags.out, card);
        printResult(flags.out);
      }
    });
}

function requireModel(report: EvaluationReport, id: string, file: string): EvaluationReport {
  if (report.modelId === id) return report;
  const message = `Expected reports of ${id}; ${file} is of ${report.modelId}.`;
  throw new CountersignError('INVALID_ARGUMENT', message, { details: { model: id, report: report.modelId } });
}

function parseSource(text: string): [name: string, words: string] {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new CountersignError('INVALID_ARGUMENT', `--source: expected name=words; "${text}" came.`);
}
