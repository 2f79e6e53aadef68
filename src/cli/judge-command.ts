import type { Command } from 'commander';
import { judgeScores } from '../evaluate/judge-scores.js';
import { deliverReport } from './deliver-report.js';
import { parseNumber, parseSeed } from './number-flag.js';
import { occasion } from './occasion.js';

interface JudgeFlags {
  readonly calibration?: string;
  readonly threshold?: number;
  readonly name?: string;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function addJudgeCommand(program: Command): void {
  program
    .command('judge')
    .description('the report of evaluate for any system, from a CSV file of its scores')
    .argument('<scores>', 'CSV: writer, kind (genuine, forged or random), and distance or score')
    .option('--calibration <file>', 'CSV of other writers, from which threshold and similarity are fitted')
    .option('--threshold <number>', 'accept up to this distance, or from this score up', parseNumber('--threshold'))
    .option('--name <name>', 'what the report calls the system')
    .option('--seed <integer>', 'of the bootstrap', parseSeed('--seed'), 1)
    .option('--out <dir>', 'write report.json and report.html into this folder')
    .option('--json', 'print the report as JSON')
    .action(async (scores: string, flags: JudgeFlags) => {
      const { calibration, threshold, name: system, seed } = flags;
      const report = await judgeScores({ scores, calibration, threshold, system, seed, occasion: occasion() });
      await deliverReport(report, flags);
    });
}
