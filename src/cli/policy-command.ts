import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { CountersignError } from '../core/errors.js';
import { readModelMetadata } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import { requireSupport } from '../policy/apply.js';
import { comparePolicies } from '../policy/compare.js';
import { type Policy, parsePolicy } from '../policy/document.js';
import {
  activatePolicy,
  addPolicy,
  findPolicy,
  listPolicies,
  type PolicyVersion,
  policyTitle,
} from '../store/policies.js';
import { withNumbers } from '../store/signers.js';
import { modelFileOf } from '../verify/package-models.js';
import { parseInstantFlag } from './instant-flag.js';
import { modelOption } from './model-option.js';
import { parseCount } from './number-flag.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { MORE, renderTable } from './table.js';
import { printJson, printNote, printResult } from './terminal.js';

export function addPolicyCommand(program: Command): void {
  const policy = program
    .command('policy')
    .description('what signatures are decided by: error rates, amounts, mandates');

  addStoreFlags(policy.command('add').description('store a document as the next version of its policy'))
    .argument('<file>', 'JSON document, see docs/policy.schema.json')
    .action(async (file: string, flags: StoreFlags) => {
      const document = await readPolicy(file);
      const added = await withStore(flags, (store) => addPolicy(store, document, byActor(flags)));
      if (flags.json) return printJson(summaryOf(added));
      printResult(`${policyTitle(added)}: stored. It decides nothing until it is activated.`);
    });

  addStoreFlags(policy.command('list').description('versions of policies, the newest of each first'))
    .option('--limit <number>', 'versions to show', parseCount('--limit'), 100)
    .action(async ({ limit, ...flags }: StoreFlags & { readonly limit: number }) => {
      const { items, nextCursor } = await withStore(flags, ({ database }) => listPolicies(database.orm, { limit }));
      if (flags.json) return printJson(items.map(summaryOf));
      if (items.length === 0) return printResult('There is no policy.');
      const rows = items.map(({ name, version, activeFrom, activeTo, document }) => [
        ...[name, String(version), instant(activeFrom), instant(activeTo), document.title],
      ]);
      printResult(renderTable(['policy', 'version', 'active from', 'until', 'title'], rows));
      if (nextCursor !== null) printResult(MORE);
    });

  addStoreFlags(policy.command('show').description('the document of a version, with who stored it and when it holds'))
    .argument('<name>', 'of the policy')
    .addOption(versionOption('the newest'))
    .action(async (name: string, { version, ...flags }: StoreFlags & { readonly version?: number }) => {
      const found = await withStore(flags, async ({ database: { orm } }) => {
        const [shown] = await withNumbers(orm, [await findPolicy(orm, name, version)]);
        return shown!;
      });
      if (flags.json) return printJson({ ...summaryOf(found), document: found.document });
      const { createdAt, createdBy, activeFrom, activeTo } = found;
      const activity =
        activeFrom === null ? 'never activated' : `active from ${instant(activeFrom)} until ${instant(activeTo)}`;
      printResult(
        `${policyTitle(found)}: stored by ${createdBy} ${instant(createdAt)}, ${activity}\n\n${JSON.stringify(found.document, null, 2)}`,
      );
    });

  addStoreFlags(policy.command('activate').description('from now on, or from an instant on, this version decides'))
    .argument('<name>', 'of the policy')
    .addOption(versionOption('the newest'))
    .option('--from <instant>', 'ISO 8601, like 2026-04-01T00:00:00Z', parseInstantFlag('--from'))
    .addOption(modelOption('--model <model>', 'the active model'))
    .action(async (name: string, flags: ActivateFlags) => {
      const model = readModelMetadata(await readModelFile(flags.model));
      const activated = await withStore(flags, async (store) => {
        const { version } = await findPolicy(store.database.orm, name, flags.version);
        const by = byActor(flags);
        return activatePolicy(store, { name, version }, model, flags.from ?? by.at, by);
      });
      if (flags.json) return printJson({ ...summaryOf(activated), notToCome: activated.notToCome });
      if (activated.notToCome.length > 0) {
        printNote(`no longer to come, though it was activated for later: version ${activated.notToCome.join(', ')}`);
      }
      printResult(`${policyTitle(activated)}: active from ${instant(activated.activeFrom)}.`);
    });

  policy
    .command('validate')
    .description('check a document, and with --model whether its calibration can keep the rates')
    .argument('<file>', 'JSON document')
    .option('--model <model>', 'a file, or one of the package, as default', modelFileOf)
    .option('--json', 'print the result as JSON')
    .action(async (file: string, { model, json }: { readonly model?: string; readonly json?: boolean }) => {
      const document = await readPolicy(file);
      if (model !== undefined) requireSupport(document, readModelMetadata(await readModelFile(model)));
      if (json) return printJson(document);
      printResult(`${file}: a policy${model === undefined ? '' : ', which the model can keep'}.`);
    });

  addStoreFlags(policy.command('diff').description('what differs between two versions'))
    .argument('<name>', 'of the policy')
    .argument('<before>', 'version', parseCount('before'))
    .argument('<after>', 'version', parseCount('after'))
    .action(async (name: string, before: number, after: number, flags: StoreFlags) => {
      const differences = await withStore(flags, async ({ database: { orm } }) => {
        const versions = [await findPolicy(orm, name, before), await findPolicy(orm, name, after)];
        const [left, right] = await withNumbers(orm, versions);
        return comparePolicies(left!.document, right!.document);
      });
      if (flags.json) return printJson(differences);
      if (differences.length === 0) return printResult('They say the same.');
      const rows = differences.map((one) => [
        one.path,
        JSON.stringify(one.before) ?? '-',
        JSON.stringify(one.after) ?? '-',
      ]);
      printResult(renderTable(['where', `version ${before}`, `version ${after}`], rows));
    });
}

interface ActivateFlags extends StoreFlags {
  readonly version?: number;
  readonly from?: Date;
  readonly model: string;
}

const versionOption = (otherwise: string) =>
  new Option('--version <number>', `which one (default: ${otherwise})`).argParser(parseCount('--version'));

const summaryOf = ({ document: { title }, ...version }: PolicyVersion) => ({ ...version, title });

const instant = (at: Date | null) => at?.toISOString() ?? '-';

async function readPolicy(file: string): Promise<Policy> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CountersignError('POLICY_INVALID', `Expected to read ${file}, but ${cause.code} came.`, { cause });
  });
  return parsePolicy(text, file);
}
