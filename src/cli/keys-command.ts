import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { ROLES, type Role } from '../api/operations.js';
import { graceSchema, keyIdSchema, keyNameSchema } from '../api/schemas/administration.js';
import { CountersignError } from '../core/errors.js';
import {
  type ApiKey,
  createApiKey,
  type IssuedKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
} from '../store/api-keys.js';
import { formatDay, parseInstantFlag } from './instant-flag.js';
import { parseNumber } from './number-flag.js';
import { addStoreFlags, byActor, type StoreFlags, withStore } from './store-flags.js';
import { renderTable } from './table.js';
import { printJson, printNote, printResult } from './terminal.js';

interface CreateFlags extends StoreFlags {
  readonly role: readonly Role[];
  readonly name?: string;
  readonly expires?: Date;
}

const HOUR_MS = 3_600_000;

export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('keys that programs and people use the service with');

  addStoreFlags(keys.command('create').description('make a key; it is printed this once'))
    .addOption(new Option('--role <role...>', 'what it may do; admin may do all').choices(ROLES).makeOptionMandatory())
    .option('--name <name>', 'who acts with it, in the audit log')
    .option('--expires <date>', 'it holds until this day', parseInstantFlag('--expires'))
    .action(async ({ role, name, expires, ...flags }: CreateFlags) => {
      const key = { roles: role, name: name === undefined ? null : checked(keyNameSchema, '--name', name) };
      const issued = await withStore(flags, (store) =>
        createApiKey(store, { ...key, expiresAt: expires ?? null }, byActor(flags)),
      );
      printIssued(issued, flags);
    });

  addStoreFlags(keys.command('list').description('keys, without their secrets')).action(async (flags: StoreFlags) => {
    const listed = await withStore(flags, ({ database }) => listApiKeys(database.orm));
    if (flags.json) return printJson(listed);
    if (listed.length === 0) return printResult('There is no key.');
    const rows = listed.map((key) => [
      ...[key.id, key.name ?? '-', key.roles.join(', '), stateOf(key, new Date())],
      ...[formatDay(key.createdAt), key.lastUsedAt?.toISOString().slice(0, 16) ?? 'never'],
    ]);
    printResult(renderTable(['key', 'name', 'roles', 'state', 'made', 'last used'], rows));
  });

  addStoreFlags(keys.command('rotate').description('a new secret for a key; it is printed this once'))
    .argument('<key>', 'its id')
    .option('--grace <hours>', 'that the secret from before holds on', parseNumber('--grace'), 24)
    .action(async (id: string, { grace, ...flags }: StoreFlags & { readonly grace: number }) => {
      const graceMs = checked(graceSchema, '--grace', grace) * HOUR_MS;
      const key = checked(keyIdSchema, '<key>', id);
      printIssued(await withStore(flags, (store) => rotateApiKey(store, key, graceMs, byActor(flags))), flags);
    });

  addStoreFlags(keys.command('revoke').description('let a key hold no longer'))
    .argument('<key>', 'its id')
    .action(async (id: string, flags: StoreFlags) => {
      const key = checked(keyIdSchema, '<key>', id);
      const revoked = await withStore(flags, (store) => revokeApiKey(store, key, byActor(flags)));
      if (flags.json) return printJson(revoked);
      printResult(`${revoked.id}: revoked. Services that run elsewhere know within five seconds.`);
    });
}

function printIssued(issued: IssuedKey, { json }: StoreFlags): void {
  if (json) {
    printJson(issued);
    return;
  }
  printResult(issued.key);
  printNote('The key is shown this once: the store knows it by its hash alone.');
}

function stateOf({ revokedAt, expiresAt, previousUntil }: ApiKey, now: Date): string {
  if (revokedAt !== null) return `revoked ${formatDay(revokedAt)}`;
  if (expiresAt !== null) return `${expiresAt <= now ? 'expired' : 'until'} ${formatDay(expiresAt)}`;
  return previousUntil !== null && now < previousUntil ? 'holds, with the secret from before' : 'holds';
}

/** The value, held against the schema that the service has for it. @throws CountersignError INVALID_ARGUMENT */
function checked<Schema extends z.ZodType>(schema: Schema, flag: string, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CountersignError('INVALID_ARGUMENT', `${flag}: ${issue!.message}; "${value}" came.`);
}
