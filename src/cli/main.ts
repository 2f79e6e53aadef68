#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError } from 'commander';
import { CountersignError } from '../core/errors.js';
import { VERSION } from '../version.js';
import { endWithReader, printError } from './terminal.js';

/** Each command loads its own part of the program: `verify` should not wait for what draws charts. */
const COMMANDS: Readonly<Record<string, (program: Command) => Promise<void>>> = {
  verify: async (program) => (await import('./verify-command.js')).addVerifyCommand(program),
  enrol: async (program) => (await import('./enrol-command.js')).addEnrolCommand(program),
  writers: async (program) => (await import('./writers-command.js')).addWritersCommand(program),
  import: async (program) => (await import('./import-command.js')).addImportCommand(program),
  reembed: async (program) => (await import('./reembed-command.js')).addReembedCommand(program),
  erase: async (program) => (await import('./erase-command.js')).addEraseCommand(program),
  export: async (program) => (await import('./export-command.js')).addExportCommand(program),
  db: async (program) => (await import('./db-command.js')).addDbCommand(program),
  'audit-log': async (program) => (await import('./audit-log-command.js')).addAuditLogCommand(program),
  identify: async (program) => (await import('./identify-command.js')).addIdentifyCommand(program),
  policy: async (program) => (await import('./policy-command.js')).addPolicyCommand(program),
  review: async (program) => (await import('./review-command.js')).addReviewCommand(program),
  serve: async (program) => (await import('./serve-command.js')).addServeCommand(program),
  keys: async (program) => (await import('./keys-command.js')).addKeysCommand(program),
  jobs: async (program) => (await import('./jobs-command.js')).addJobsCommand(program),
  worker: async (program) => (await import('./worker-command.js')).addWorkerCommand(program),
  train: async (program) => (await import('./train-command.js')).addTrainCommand(program),
  evaluate: async (program) => (await import('./evaluate-command.js')).addEvaluateCommand(program),
  judge: async (program) => (await import('./judge-command.js')).addJudgeCommand(program),
  report: async (program) => (await import('./report-command.js')).addReportCommand(program),
  'model-card': async (program) => (await import('./model-card-command.js')).addModelCardCommand(program),
  summary: async (program) => (await import('./summary-command.js')).addSummaryCommand(program),
  protocols: async (program) => (await import('./protocols-command.js')).addProtocolsCommand(program),
  calibrate: async (program) => (await import('./calibrate-command.js')).addCalibrateCommand(program),
  'operating-points': async (program) =>
    (await import('./operating-points-command.js')).addOperatingPointsCommand(program),
  promise: async (program) => (await import('./promise-command.js')).addPromiseCommand(program),
  quantize: async (program) => (await import('./quantize-command.js')).addQuantizeCommand(program),
  synthesize: async (program) => (await import('./synthesize-command.js')).addSynthesizeCommand(program),
  audit: async (program) => (await import('./audit-command.js')).addAuditCommand(program),
  inspect: async (program) => (await import('./inspect-command.js')).addInspectCommand(program),
  'import-weights': async (program) => (await import('./import-weights-command.js')).addImportWeightsCommand(program),
  demo: async (program) => (await import('./demo-command.js')).addDemoCommand(program),
};

// The embedded database is WebAssembly: of V8's two compilers for it the quick one alone, which the work of a store is not
// slower by, while optimising what soon ends again takes a third of the time of a short command.
setFlagsFromString('--liftoff-only');
const json = process.argv.includes('--json');
endWithReader();
// Left to Node, a defect would end with exit code 1, which `verify` means as "reject".
process.on('uncaughtException', (error) => process.exit(printError(error, json)));

const program = new Command('countersign')
  .description('Handwritten-signature verification.')
  .version(VERSION)
  .exitOverride()
  .configureOutput({ writeErr: () => undefined });
for (const name of commandsToLoad(process.argv[2])) await COMMANDS[name]!(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** All, for help and for a mistake, take a second or two to load. */
function commandsToLoad(first: string | undefined): readonly string[] {
  if (first === '--version' || first === '-V') return [];
  const all = Object.keys(COMMANDS);
  const named = all.filter((name) => name === first);
  return named.length > 0 ? named : all;
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof CommanderError)) return printError(error, json);
  if (error.exitCode === 0) return 0; // --help and --version
  if (error.code === 'commander.help') {
    process.stderr.write(program.helpInformation());
    return 2;
  }
  return printError(new CountersignError('INVALID_ARGUMENT', sentence(error.message)), json);
}

/** commander's `error: unknown option '--sed'\n(Did you mean --seed?)` as ours read. */
function sentence(message: string): string {
  const text = message.replace(/^error: /, '').replace('\n', ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.)]$/.test(text) ? '' : '.'}`;
}
