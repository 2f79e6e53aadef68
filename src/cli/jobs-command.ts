import { type Command, Option } from 'commander';
import { CountersignError } from '../core/errors.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import { RESULT_FORMATS, type ResultFormat, resultLines } from '../jobs/result-lines.js';
import type { BulkState } from '../store/bulk-jobs.js';
import type { BulkJob } from '../store/bulk-progress.js';
import { addJobsCreateCommand } from './jobs-create-command.js';
import { parseCount } from './number-flag.js';
import { printJob, renderProgress } from './print-job.js';
import { addStoreFlags, byActor, type StoreFlags } from './store-flags.js';
import { MORE, renderTable } from './table.js';
import { printJson, printLines, printResult } from './terminal.js';
import { addWorkFlags, type WorkFlags, withJobs, workUntilDone } from './with-jobs.js';

const STATES: readonly BulkState[] = ['collecting', 'queued', 'running', 'done', 'failed', 'cancelled'];
const OWNER_ONLY = 0o600;

export function addJobsCommand(program: Command): void {
  const jobs = program.command('jobs').description('bulk work: many signatures at once, by any number of workers');
  addJobsCreateCommand(jobs);

  addStoreFlags(jobs.command('list').description('jobs, the newest first'))
    .addOption(new Option('--state <state>', 'only these').choices(STATES))
    .option('--limit <number>', 'at most', parseCount('--limit'), 50)
    .action(async ({ state, limit, ...flags }: StoreFlags & { readonly state?: BulkState; readonly limit: number }) => {
      const page = await withJobs(flags, (all) => all.list({ at: new Date(), state, limit }));
      if (flags.json) return printJson(page.items);
      if (page.items.length === 0) return printResult('There is no such job.');
      const rows = page.items.map((job) => [
        ...[job.id, job.createdAt.toISOString(), job.kind, job.state, renderProgress(job), job.title ?? ''],
      ]);
      printResult(renderTable(['job', 'since', 'kind', 'state', 'progress', 'title'], rows));
      if (page.nextCursor !== null) printResult(MORE);
    });

  onJob(jobs, 'show', 'one job, and how far it is', (all, id) => all.get(id, new Date()));
  onJob(jobs, 'cancel', 'stop a job; what is settled stays', (all, id, flags) => all.cancel(id, byActor(flags)));
  onJob(jobs, 'retry', 'try again what failed', (all, id, flags) => all.retry(id, byActor(flags)));

  addWorkFlags(addStoreFlags(jobs.command('run').description('work on a job in this process, until it is done')))
    .argument('<job>', 'its id, or how that begins')
    .action(async (id: string, { model, threads, dataRoot, ...flags }: StoreFlags & WorkFlags) => {
      const job = await withJobs(flags, async (all, store) => {
        const { id: whole } = await all.get(id, new Date());
        return workUntilDone(store, whole, { model, threads, ...(dataRoot !== undefined && { dataRoot }) });
      });
      printJob(job, flags);
    });

  addStoreFlags(jobs.command('results').description('what came of each item so far; of an evaluation, its report'))
    .argument('<job>', 'its id, or how that begins')
    .option('--out <file>', 'write them there; of an evaluation, the page (.html) or the figures (.json)')
    .addOption(
      new Option('--format <format>', 'of items (default: by the name of the file, else csv)').choices(RESULT_FORMATS),
    )
    .action(async (id: string, { out, format, ...flags }: ResultFlags) => {
      await withJobs(flags, async (all) => {
        const job = await all.get(id, new Date());
        const report = await all.report(job);
        if (job.items === null && report === undefined) {
          throw new CountersignError('JOB_STATE', `There are no results of job ${job.id}, which is ${job.state}.`);
        }
        const lines =
          report === undefined
            ? resultLines(all.results(job), format ?? (flags.json || out?.endsWith('json') ? 'ndjson' : 'csv'))
            : [out?.endsWith('.html') ? report.page : report.json];
        if (out !== undefined) await writeFileAtomic(out, asBytes(lines), { mode: OWNER_ONLY });
        else await printLines(lines);
      });
    });
}

async function* asBytes(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield Buffer.from(line);
}

interface ResultFlags extends StoreFlags {
  readonly out?: string;
  readonly format?: ResultFormat;
}

type Jobs = Parameters<Parameters<typeof withJobs>[1]>[0];

function onJob(
  jobs: Command,
  name: string,
  description: string,
  work: (all: Jobs, id: string, flags: StoreFlags) => Promise<BulkJob>,
): void {
  addStoreFlags(jobs.command(name).description(description))
    .argument('<job>', 'its id, or how that begins')
    .action(async (id: string, flags: StoreFlags) => {
      printJob(await withJobs(flags, (all) => work(all, id, flags)), flags);
    });
}
