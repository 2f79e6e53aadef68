import type { Command } from 'commander';
import { CountersignError } from '../core/errors.js';
import type { QuestionedSignature } from '../decide/question.js';
import { inWords } from '../evaluate/likelihood-ratio.js';
import type { ForgeryKind } from '../nn/calibration-metadata.js';
import type { Decision, VerificationResult } from '../verify/result.js';
import type { OperatingPointTarget } from '../verify/thresholds.js';
import { createVerifier } from '../verify/verifier.js';
import { forgeriesOption } from './forgeries-option.js';
import { modelOption } from './model-option.js';
import { parseNumber, parseRate } from './number-flag.js';
import { parseSigner } from './signer-flag.js';
import { addStoreFlags } from './store-flags.js';
import { printJson, printResult } from './terminal.js';
import type { EnrolledFlags } from './verify-enrolled.js';

interface VerifyFlags extends EnrolledFlags {
  readonly reference?: string[];
  readonly writer?: string;
  readonly signer?: QuestionedSignature[];
  readonly threshold?: number;
  readonly far?: number;
  readonly frr?: number;
  readonly forgeries: ForgeryKind;
}

/** Exit codes that a script can use; 3 is also the catalogue's for images that cannot be read. */
const EXIT_CODES = { accept: 0, reject: 1, inconclusive: 3, review: 4 } as const;

export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description('is the questioned signature by the writer of the references, or by the enrolled writer?')
    .argument('[questioned]', 'image of the questioned signature')
    .option(
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
    .option('--writer <number>', 'an enrolled writer, in place of references')
    .option(
      '--signer <writer=image>',
      'an enrolled writer with the questioned signature; repeat it for a document that several signed',
      parseSigner,
    )
    .option('--policy <name>', 'decide on enrolled writers by the active version of this policy')
    .option('--amount <decimal>', 'what is at stake, like 1000.50')
    .option('--currency <code>', 'of the amount, like EUR');
  addStoreFlags(command)
    .addHelpText(
      'after',
      `
Exit code: 0 accept, 1 reject, 3 no decision (an image shows no signature or cannot be read),
           4 review (only with --far and --frr, or of an enrolled writer); 2 wrong usage, 5 unusable model or rates that
           it cannot promise, 6 the system, 7 the store.

Example:
  countersign verify --reference a.png --reference b.png questioned.png
  countersign verify --reference a.png --far 1% --frr 2% questioned.png
  countersign verify --writer 4711 --policy cheques --amount 1000 --currency EUR questioned.png
  countersign verify --signer 4711=left.png --signer 4712=right.png --policy cheques`,
    )
    .action(async (questioned: string | undefined, flags: VerifyFlags, command: Command) => {
      const { far, frr, forgeries } = flags;
      if (far === undefined && command.getOptionValueSource('forgeries') === 'cli') {
        throw usage('--forgeries says of which forgeries --far speaks: expected --far with it.');
      }
      const operatingPoint =
        (far ?? frr) === undefined
          ? undefined
          : { forgeries, ...(far !== undefined && { far }), ...(frr !== undefined && { frr }) };
      const signatures = enrolledSignatures(questioned, flags);
      const decision =
        signatures === undefined
          ? await verifyFiles(questioned!, flags, operatingPoint)
          : await (await import('./verify-enrolled.js')).verifyEnrolled(signatures, flags, operatingPoint);
      process.exitCode = EXIT_CODES[decision];
    });
}

/** @returns undefined where references are given. @throws CountersignError INVALID_ARGUMENT for a mixture of the ways to ask */
function enrolledSignatures(
  questioned: string | undefined,
  { reference, writer, signer, threshold, policy, amount, currency, store }: VerifyFlags,
): QuestionedSignature[] | undefined {
  const ways = [reference, writer, signer].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    throw usage(`Expected --reference, --writer or --signer; ${ways === 0 ? 'none' : 'several'} of them came.`);
  }
  if ((questioned === undefined) !== (signer !== undefined)) {
    throw usage('Expected the questioned image as an argument, or in each --signer.');
  }
  if (reference !== undefined) {
    if ([policy, amount, currency, store].every((flag) => flag === undefined)) return undefined;
    throw usage('--policy, --amount, --currency and --store are for enrolled writers: --writer or --signer.');
  }
  if (threshold !== undefined) throw usage('--threshold is for --reference; enrolled writers have policies.');
  return signer ?? [{ writer: writer!, image: questioned! }];
}

const usage = (message: string) => new CountersignError('INVALID_ARGUMENT', message);

async function verifyFiles(
  questioned: string,
  { reference, model, threshold, json }: VerifyFlags,
  operatingPoint: OperatingPointTarget | undefined,
): Promise<Decision> {
  const verifier = await createVerifier({
    model,
    ...(threshold !== undefined && { threshold }),
    ...(operatingPoint && { operatingPoint }),
  });
  try {
    const result = await verifier.verify(reference!, questioned);
    if (json) printJson(result);
    else printResult(renderResult(result));
    return result.decision;
  } finally {
    await verifier.close();
  }
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
