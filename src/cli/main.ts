#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CountersignError } from '../core/errors.js';
import { VERSION } from '../version.js';
import { addDemoCommand } from './demo-command.js';
import { addEvaluateCommand } from './evaluate-command.js';
import { addImportWeightsCommand } from './import-weights-command.js';
import { addSynthesizeCommand } from './synthesize-command.js';
import { printError } from './terminal.js';
import { addTrainCommand } from './train-command.js';
import { addVerifyCommand } from './verify-command.js';

const program = new Command('countersign')
  .description('Handwritten-signature verification.')
  .version(VERSION)
  .exitOverride()
  .configureOutput({ writeErr: () => undefined });
addVerifyCommand(program);
addTrainCommand(program);
addEvaluateCommand(program);
addSynthesizeCommand(program);
addImportWeightsCommand(program);
addDemoCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  const json = process.argv.includes('--json');
  if (!(error instanceof CommanderError)) return printError(error, json);
  if (error.exitCode === 0) return 0; // --help and --version
  if (error.code === 'commander.help') {
    process.stderr.write(program.helpInformation());
    return 2;
  }
  return printError(new CountersignError('INVALID_ARGUMENT', error.message.replace(/^error: /, '')), json);
}
