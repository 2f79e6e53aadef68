import type { Command } from 'commander';
import { writersWith } from '../evaluate/evidence.js';
import {
  type ExpectedRate,
  evidenceFor,
  formatRate,
  inReferences,
  type OperatingPoint,
  operatingPoint,
  type ThresholdForRate,
  thresholdForFar,
  thresholdForFrr,
} from '../evaluate/operating-points.js';
import type { ForgeryKind } from '../nn/calibration-metadata.js';
import { readModelMetadata } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import { fusionOf } from '../verify/comparison.js';
import { forgeriesOption } from './forgeries-option.js';
import { modelOption } from './model-option.js';
import { parseCount, parseRate } from './number-flag.js';
import { printJson, printResult } from './terminal.js';

interface OperatingPointsFlags {
  readonly model: string;
  readonly far?: number;
  readonly frr?: number;
  readonly forgeries: ForgeryKind;
  readonly references: number;
  readonly json?: boolean;
}

const FARS = [0.01, 0.05, 0.1];
const FRRS = [0.01, 0.02, 0.05];

export function addOperatingPointsCommand(program: Command): void {
  program
    .command('operating-points')
    .description('the error rates that a model can promise, and the thresholds for them')
    .addOption(modelOption('--model <model>', 'model'))
    .option('--far <rate>', 'share of forgeries that may be accepted, like 1%', parseRate('--far'))
    .option('--frr <rate>', 'share of genuine signatures that may be rejected', parseRate('--frr'))
    .addOption(forgeriesOption())
    .option('--references <number>', 'references that will be given', parseCount('--references'), 1)
    .option('--json', 'print the result as JSON')
    .action(async ({ model, far, frr, forgeries, references, json }: OperatingPointsFlags) => {
      const metadata = readModelMetadata(await readModelFile(model));
      const fit = evidenceFor(metadata, references);
      const writers = writersWith(fit.evidence, forgeries);
      const fusion = fusionOf(metadata);
      const facts = { modelId: metadata.id, writers, references, calibratedReferences: fit.count, fusion, forgeries };
      const calibrated = fit.count === references ? '' : ` as calibrated for ${fit.count}`;
      const fused = references === 1 ? '' : `, fused by ${fusion}`;
      const title = `${metadata.id}, from ${writers} calibration writers, ${inReferences(references)}${calibrated}${fused}`;
      if ((far ?? frr) !== undefined) {
        const target = { forgeries, ...(far !== undefined && { far }), ...(frr !== undefined && { frr }) };
        const point = operatingPoint(fit, target);
        if (json) return printJson({ ...facts, target, ...point });
        return printResult([title, '', ...renderPoint(point, forgeries)].join('\n'));
      }
      const fars = FARS.map((rate) => thresholdForFar(fit, forgeries, rate));
      const frrs = FRRS.map((rate) => thresholdForFrr(fit, rate));
      if (json) return printJson({ ...facts, far: fars, frr: frrs });
      printResult(
        [
          title,
          '',
          `To accept no more than this share of ${forgeries} forgeries, accept up to`,
          ...fars.map(renderThreshold),
          '',
          'To reject no more than this share of genuine signatures, reject above',
          ...frrs.map(renderThreshold),
        ].join('\n'),
      );
    });
}

function renderThreshold({ threshold, target, expected, unsupported }: ThresholdForRate): string {
  const line = `  ${formatRate(target).padStart(5)}   distance ${threshold.toFixed(3)}   expected ${withInterval(expected)}`;
  return unsupported === null ? line : `${line}\n          not promised: ${unsupported}`;
}

function renderPoint(point: OperatingPoint, forgeries: ForgeryKind): string[] {
  const { acceptUpTo, rejectAbove, far, frr, forgedReview, genuineReview } = point;
  const [accept, reject] = [acceptUpTo.toFixed(3), rejectAbove.toFixed(3)];
  const decision =
    acceptUpTo < rejectAbove
      ? [`accept up to distance ${accept}, review up to ${reject}, reject above`]
      : [`accept up to distance ${accept}, reject above: nothing is left to review`];
  return [
    ...decision,
    '',
    `${forgeries} forgeries accepted`.padEnd(34) + withInterval(far),
    'genuine signatures rejected'.padEnd(34) + withInterval(frr),
    ...(acceptUpTo < rejectAbove
      ? [
          `${forgeries} forgeries to review`.padEnd(34) + withInterval(forgedReview),
          'genuine signatures to review'.padEnd(34) + withInterval(genuineReview),
        ]
      : []),
    '',
    'In brackets: 95 % interval, bootstrap over the calibration writers.',
  ];
}

function withInterval({ value, interval: { low, high } }: ExpectedRate): string {
  return `${formatRate(value)} [${formatRate(low)}, ${formatRate(high)}]`;
}
