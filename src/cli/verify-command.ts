import type { Command } from 'commander';
import { inWords } from '../evaluate/likelihood-ratio.js';
import type { ForgeryKind } from '../nn/calibration-metadata.js';
import type { VerificationResult } from '../verify/result.js';
import { createVerifier } from '../verify/verifier.js';
import { forgeriesOption } from './forgeries-option.js';
import { modelOption } from './model-option.js';
import { parseNumber, parseRate } from './number-flag.js';
import { printJson, printResult } from './terminal.js';

interface VerifyFlags {
  readonly reference: string[];
  readonly model: string;
  readonly threshold?: number;
  readonly far?: number;
  readonly frr?: number;
  readonly forgeries: ForgeryKind;
  readonly json?: boolean;
}

/** Exit codes that a script can use; 3 is also the catalogue's for images that cannot be read. */
const EXIT_CODES = { accept: 0, reject: 1, inconclusive: 3, review: 4 } as const;

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('is the questioned signature by the writer of the references?')
    .argument('<questioned>', 'image of the questioned signature')
    .requiredOption(
      '-r, --reference <image>',
      'genuine signature of the writer; repeat it for several, which make the decision surer',
      (path: string, before: string[] | undefined) => [...(before ?? []), path],
    )
    .addOption(modelOption('--model <model>', 'model'))
    .option(
      '--threshold <distance>',
      "accept up to this distance (0 to 2) instead of the model file's",
      parseNumber('--threshold'),
    )
    .option('--far <rate>', 'accept so that no more than this share of forgeries is, like 1%', parseRate('--far'))
    .option('--frr <rate>', 'reject so that no more than this share of genuine ones is', parseRate('--frr'))
    .addOption(forgeriesOption())
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Exit code: 0 accept, 1 reject, 3 no decision (an image shows no signature or cannot be read),
           4 review (only with --far and --frr); 2 wrong usage, 5 unusable model or rates that
           it cannot promise, 6 and above the system.

Example:
  countersign verify --reference a.png --reference b.png questioned.png
  countersign verify --reference a.png --far 1% --frr 2% questioned.png`,
    )
    .action(async (questioned: string, flags: VerifyFlags) => {
      const verifier = await createVerifier({
        model: flags.model,
        ...(flags.threshold !== undefined && { threshold: flags.threshold }),
        ...((flags.far ?? flags.frr) !== undefined && {
          operatingPoint: {
            forgeries: flags.forgeries,
            ...(flags.far !== undefined && { far: flags.far }),
            ...(flags.frr !== undefined && { frr: flags.frr }),
          },
        }),
      });
      try {
        const result = await verifier.verify(flags.reference, questioned);
        if (flags.json) printJson(result);
        else printResult(renderResult(result));
        process.exitCode = EXIT_CODES[result.decision];
      } finally {
        await verifier.close();
      }
    });
}

/** The result as a person reads it. */
export function renderResult(result: VerificationResult): string {
  const lines = [`${result.decision.toUpperCase()}  ${result.reason}`];
  if (result.similarity !== null) {
    lines.push(
      `similarity   ${result.similarity.toFixed(0)} of 100 (estimated chance that it is genuine, were genuine and forged equally likely)`,
    );
  }
  if (result.logLikelihoodRatio !== null) lines.push(`evidence     ${inWords(result.logLikelihoodRatio)}`);
  const review = result.rejectAbove > result.threshold ? `, review up to ${result.rejectAbove.toFixed(3)}` : '';
  lines.push(`threshold    ${result.threshold.toFixed(3)}${review} (${result.thresholdSource})`);
  for (const { reference, distance, problem } of result.perReference) {
    lines.push(
      `reference    ${reference}: ${problem === undefined ? `distance ${distance?.toFixed(3) ?? '-'}` : problem.message}`,
    );
  }
  for (const warning of result.quality?.warnings ?? []) lines.push(`quality      questioned: ${warning}`);
  for (const { reference, quality } of result.perReference) {
    for (const warning of quality?.warnings ?? []) lines.push(`quality      ${reference}: ${warning}`);
  }
  lines.push(`model        ${result.modelId}`);
  lines.push(`time         ${result.timingMs.total.toFixed(0)} ms`);
  return lines.join('\n');
}
