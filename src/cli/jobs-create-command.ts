import path from 'node:path';
import { type Command, Option } from 'commander';
import { readImportSource } from '../enrol/import-source.js';
import { baseOf } from '../enrol/item-list.js';
import { addFiles } from '../jobs/add-files.js';
import type { JobRequest } from '../jobs/jobs.js';
import { type ListedItem, readVerifySource } from '../jobs/verify-source.js';
import { modelOption } from './model-option.js';
import { parseNumber, parseSeed } from './number-flag.js';
import { printJob } from './print-job.js';
import { addStoreFlags, byActor, type StoreFlags } from './store-flags.js';
import { ProgressLine, printNote } from './terminal.js';
import { addWorkFlags, type WorkFlags, withJobs, workUntilDone } from './with-jobs.js';

interface CreateFlags extends StoreFlags, WorkFlags {
  readonly title?: string;
  readonly run?: boolean;
}

export function addJobsCreateCommand(jobs: Command): void {
  const create = jobs.command('create').description('begin bulk work');

  addCreateFlags(create.command('verify').description('decide on the signatures of a list'))
    .argument('<source>', 'a CSV file, or a folder whose sub-folders are named by your numbers')
    .option('--policy <name>', 'of those that the list names none for')
    .addHelpText(
      'after',
      `
The columns of a CSV file are path (relative to the file) and writer, and if you like label (what you
call the item), policy, amount and currency.`,
    )
    .action(async (source: string, flags: CreateFlags & { readonly policy?: string }) => {
      const read = (absolute: string) => readVerifySource(absolute, flags.policy);
      await createWithItems('verify', source, read, flags);
    });

  addCreateFlags(create.command('enrol').description('enrol the writers of a list'))
    .argument('<source>', 'a CSV file, or a folder whose sub-folders are named by your numbers')
    .addHelpText(
      'after',
      `
The columns of a CSV file are path (relative to the file) and writer, and if you like name,
captured_at and expires_at (dates like 2026-01-31).`,
    )
    .action(async (source: string, flags: CreateFlags) => {
      const read = async (absolute: string): Promise<readonly ListedItem[]> =>
        (await readImportSource(absolute)).map(({ source, externalRef, name, capturedAt, expiresAt }) => ({
          ...{ source, externalRef, label: source, name: name ?? undefined },
          ...{ capturedAt: capturedAt ?? undefined, expiresAt: expiresAt ?? undefined },
        }));
      await createWithItems('enrol', source, read, flags);
    });

  addStoreFlags(create.command('reembed').description('move the store to another model'))
    .addOption(modelOption('--model <model>', 'the new model, as every worker finds it').makeOptionMandatory())
    .option('--keep', 'keep the embeddings of the old model')
    .option('--title <words>', 'what you call it')
    .action(async ({ model, keep = false, ...flags }: CreateFlags & { readonly keep?: boolean }) => {
      await createRun({ kind: 'reembed', title: flags.title, parameters: { model, keep } }, flags);
    });

  addStoreFlags(create.command('evaluate').description('measure a model on a data set that the workers have'))
    .argument('<data>', 'a folder or manifest, below the --data-root of the workers')
    .option('--layout <name>', 'layout of the data set, where it is not recognised')
    .option('--protocol <name>', 'which writers are tested: a name of `countersign protocols`')
    .option('--threshold <distance>', "accept up to this distance, instead of the model's", parseNumber('--threshold'))
    .option('--seed <integer>', 'of random forgeries, reference draws and bootstrap', parseSeed('--seed'), 1)
    .option('--no-probe', 'leave out the leak probe, which reads every image of the set')
    .addOption(new Option('--model <model>', 'a name of the package, or a file that every worker has'))
    .option('--title <words>', 'what you call it')
    .action(async (data: string, { store, actor, json, title, ...parameters }: EvaluateFlags) => {
      const flags = { ...(store && { store }), ...(actor && { actor }), ...(json && { json }) };
      await createRun({ kind: 'evaluate', title, parameters: { data, ...parameters } }, flags);
    });
}

interface EvaluateFlags extends StoreFlags {
  readonly title?: string;
  readonly layout?: string;
  readonly protocol?: string;
  readonly threshold?: number;
  readonly seed: number;
  readonly probe: boolean;
  readonly model?: string;
}

function addCreateFlags(command: Command): Command {
  return addWorkFlags(addStoreFlags(command))
    .option('--title <words>', 'what you call it')
    .option('--run', 'work on it in this process, until it is done; without it, workers or the service do');
}

async function createWithItems(
  kind: 'verify' | 'enrol',
  source: string,
  read: (absolute: string) => Promise<readonly ListedItem[]>,
  { title, run = false, ...flags }: CreateFlags,
): Promise<void> {
  const absolute = path.resolve(source);
  const base = await baseOf(absolute);
  const items = await read(absolute);
  const line = new ProgressLine();
  const job = await withJobs(flags, async (jobs, store) => {
    const { id } = await jobs.create({ kind, title }, byActor(flags));
    await addFiles(jobs, id, base, items, byActor(flags), (done, total) =>
      line.update(() => `adding ${done}/${total}`),
    );
    line.clear();
    const started = await jobs.start(id, byActor(flags));
    return run ? workUntilDone(store, id, flags) : started;
  });
  printJob(job, flags);
  if (job.state === 'queued')
    printNote('Workers (`countersign worker`), the service, or `countersign jobs run` do it.');
}

async function createRun(request: JobRequest, flags: StoreFlags): Promise<void> {
  printJob(await withJobs(flags, (jobs) => jobs.create(request, byActor(flags))), flags);
}
