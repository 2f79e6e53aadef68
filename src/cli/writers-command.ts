import { type Command, Option } from 'commander';
import { changeEnrolmentSettings } from '../store/change-settings.js';
import { changeExpiry, confirmReference, type ReferenceChange, retireReference } from '../store/change-writer.js';
import { listWriters, type ShownWriter, showWriter } from '../store/list-writers.js';
import { readEnrolmentSettings } from '../store/settings.js';
import type { Store } from '../store/store.js';
import { enrolmentSettingsSchema } from '../verify/enrolment-settings.js';
import { ENROLMENT_STATES, type EnrolmentState } from '../verify/enrolment-state.js';
import { formatDay, parseInstantFlag } from './instant-flag.js';
import { parseCount } from './number-flag.js';
import { addSchemaFlags, parseSchemaFlags } from './schema-flags.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { MORE, renderTable } from './table.js';
import { ProgressLine, printJson, printNote, printResult } from './terminal.js';

interface ListFlags extends StoreFlags {
  readonly state?: EnrolmentState;
  readonly doubtful?: boolean;
  readonly search?: string;
  readonly limit: number;
}

export function addWritersCommand(program: Command): void {
  const writers = program.command('writers').description('who is enrolled, in what state, with which references');
  addList(writers);
  addShow(writers);
  addReferenceChange(
    writers,
    'confirm',
    'a doubtful reference is genuine: compare with it from now on',
    confirmReference,
  );
  addReferenceChange(writers, 'retire', 'compare with a reference no longer', retireReference);
  addExpire(writers);
  addSettings(writers);
}

function addList(writers: Command): void {
  addStoreFlags(writers.command('list'))
    .description('all writers, by their numbers')
    .addOption(new Option('--state <state>', 'only those in it').choices(ENROLMENT_STATES))
    .option('--doubtful', 'only those with a doubtful reference')
    .option('--search <text>', 'only those whose number or name begins so')
    .option('--limit <number>', 'writers to show', parseCount('--limit'), 100)
    .action(async ({ state, doubtful, search, limit, ...flags }: ListFlags) => {
      const filter = { at: byActor(flags).at, state, doubtful, search, limit };
      const { items, nextCursor } = await withStore(flags, ({ database }) => listWriters(database.orm, filter));
      if (flags.json) return printJson(items);
      if (items.length === 0) return printResult('There is no such writer.');
      const rows = items.map(({ externalRef, state, references, staleFrom, name }) => [
        ...[
          externalRef,
          state,
          String(references.enrolled),
          String(references.doubtful),
          formatDay(staleFrom),
          name ?? '',
        ],
      ]);
      printResult(renderTable(['writer', 'state', 'references', 'doubtful', 'stale from', 'name'], rows));
      if (nextCursor !== null) printResult(MORE);
    });
}

function addShow(writers: Command): void {
  addStoreFlags(writers.command('show'))
    .description('one writer with all references, and why any is doubtful')
    .argument('<writer>', 'your number for the writer')
    .action(async (externalRef: string, flags: StoreFlags) => {
      const { at } = byActor(flags);
      const writer = await withStore(flags, ({ database }) => showWriter(database.orm, externalRef, at));
      if (flags.json) printJson(writer);
      else printResult(renderWriter(writer));
    });
}

function renderWriter({
  externalRef,
  name,
  state,
  reason,
  createdAt,
  expiresAt,
  staleFrom,
  references,
}: ShownWriter): string {
  const rows = references.map(({ id, state, capturedAt, enrolledAt, confirmedBy, doubt }) => [
    ...[id, state, formatDay(capturedAt), formatDay(enrolledAt)],
    doubt === null ? '' : `${doubt.reason}${confirmedBy === null ? '' : ` Confirmed by ${confirmedBy}.`}`,
  ]);
  return [
    `writer ${externalRef}${name === null ? '' : `, ${name}`}: ${state}. ${reason}`,
    `enrolled ${formatDay(createdAt)}, expires ${formatDay(expiresAt)}, stale from ${formatDay(staleFrom)}`,
    '',
    renderTable(['reference', 'state', 'captured', 'enrolled', 'doubt'], rows),
  ].join('\n');
}

function addReferenceChange(
  writers: Command,
  name: string,
  description: string,
  change: (
    store: Store,
    externalRef: string,
    reference: string,
    by: ReturnType<typeof byActor>,
  ) => Promise<ReferenceChange>,
): void {
  addStoreFlags(writers.command(name))
    .description(description)
    .argument('<writer>', 'your number for the writer')
    .argument('<reference>', 'its id, or how that begins')
    .action(async (externalRef: string, reference: string, flags: StoreFlags) => {
      const changed = await withStore(flags, (store) => change(store, externalRef, reference, byActor(flags)));
      if (flags.json) return printJson(changed);
      const { referenceId, state, reason } = changed;
      printResult(
        `${referenceId}: ${name === 'confirm' ? 'confirmed' : 'retired'}. Writer ${externalRef} is ${state}: ${reason}`,
      );
    });
}

function addExpire(writers: Command): void {
  addStoreFlags(writers.command('expire'))
    .description('change when the enrolment of a writer expires')
    .argument('<writer>', 'your number for the writer')
    .argument('<date>', 'stale from this day on; or never')
    .action(async (externalRef: string, date: string, flags: StoreFlags) => {
      const expiresAt = date === 'never' ? null : parseInstantFlag('<date>')(date);
      const verdict = await withStore(flags, (store) => changeExpiry(store, externalRef, expiresAt, byActor(flags)));
      if (flags.json) return printJson(verdict);
      printResult(`writer ${externalRef}: ${verdict.state}. ${verdict.reason}`);
    });
}

function addSettings(writers: Command): void {
  const command = addStoreFlags(writers.command('settings')).description(
    'what every writer of the store needs to be ready; without a flag, what is set',
  );
  addSchemaFlags(command, enrolmentSettingsSchema);
  command.action(async ({ store, actor, json, ...given }: StoreFlags & Record<string, unknown>) => {
    const flags = { ...(store !== undefined && { store }), ...(actor !== undefined && { actor }) };
    const whole = parseSchemaFlags(enrolmentSettingsSchema, given);
    const changes = Object.fromEntries(Object.entries(whole).filter(([name]) => name in given));
    const isChange = Object.keys(changes).length > 0;
    const line = new ProgressLine();
    const onProgress = (done: number) => line.update(() => `embeddings ${done}`);
    const result = await withStore(flags, async (opened) =>
      isChange
        ? changeEnrolmentSettings(opened, changes, byActor(flags), onProgress)
        : { settings: await readEnrolmentSettings(opened.database.orm), statesChanged: 0 },
    );
    line.clear();
    if (json) return printJson(result);
    printResult(
      renderTable(
        ['setting', 'value'],
        Object.entries(result.settings).map(([key, value]) => [key, String(value)]),
      ),
    );
    if (!('embeddingsChanged' in result)) return;
    printResult(`${result.statesChanged} writers are in another state now.`);
    const { embeddingsChanged, compactionDue, settings } = result;
    if (embeddingsChanged > 0)
      printResult(`${embeddingsChanged} embeddings were ${settings.sealEmbeddings ? 'sealed' : 'opened'}.`);
    if (compactionDue) printNote('Files of the database hold them as they were until `countersign db compact`.');
  });
}
