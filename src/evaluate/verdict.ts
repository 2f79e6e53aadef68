/**
 * What an evaluation has shown and what it has not, in plain words made from its figures. Every sentence is decided by
 * an interval, never by the point alone: what the data do not support is said to be unsupported.
 */
import type { CountedRate, Estimate } from './error-report.js';
import { grouped, perHundred } from './numbers.js';
import type { EvaluationReport } from './report.js';
import { percent } from './report-text.js';

export interface Verdict {
  /** One line. */
  readonly headline: string;
  /** What was tested, on whom. */
  readonly tested: string;
  /** Errors of a hundred, at which threshold. */
  readonly errors: readonly string[];
  /** Against the probe without shape. */
  readonly evidence: string;
  readonly mayBeUsed: readonly string[];
  readonly notToBeUsed: readonly string[];
}

/** Where the EER lies beside that of the probe: its interval below it, around it, above it; or one of them is missing. */
export type Standing = 'below' | 'around' | 'above' | 'no interval' | 'no probe';

/** Errors below which a decision is left to a machine here, at the upper end of the interval. */
const BEARABLE = 0.01;
/** Fewer writers than this say little about others. */
const FEW_WRITERS = 20;

export function verdictOf(report: EvaluationReport): Verdict {
  const { far, frr } = report.skilled;
  return {
    headline: `Accepted ${perHundred(far.value)} of 100 skilled forgeries and rejected ${perHundred(frr.value)} of 100 genuine signatures; ${CLAUSES[standing(report)]}.`,
    tested: tested(report),
    errors: errors(report),
    evidence: evidence(report),
    mayBeUsed: uses(report),
    notToBeUsed: limits(report),
  };
}

const CLAUSES: Readonly<Record<Standing, string>> = {
  below: 'better than a probe that sees no shape',
  around: 'not shown to be better than a probe that sees no shape',
  above: 'a probe that sees no shape does better',
  'no interval': 'one writer only, so nothing is shown',
  'no probe': 'what the data set gives away without looking at a signature was not measured',
};

/** EER of the probe without shape on the same pairs, or over random halves of the set. */
export function probeEer({ leak }: EvaluationReport): number | null {
  return leak?.probe?.eer ?? leak?.randomSplits?.eerMean ?? null;
}

export function standing(report: EvaluationReport): Standing {
  const probe = probeEer(report);
  const { interval } = report.skilled.eer;
  if (interval === null) return 'no interval';
  if (probe === null) return 'no probe';
  if (interval.high < probe) return 'below';
  return interval.low > probe ? 'above' : 'around';
}

function tested(report: EvaluationReport): string {
  const { counts, dataset, protocol, modelId } = report;
  const pairs = `${grouped(counts.genuinePairs)} times with another genuine one, ${grouped(counts.skilledPairs)} times with a skilled forgery`;
  if (report.distance === 'given') {
    return `Another system's own distances (${dataset}) were judged: ${writers(counts.writers)}; genuine signatures were compared ${pairs}. Scores do not say whether that system had learnt from these writers.`;
  }
  const whom = `${writers(counts.writers)} of ${dataset} (${protocol})`;
  return `${modelId} was tested on ${whom}: one genuine signature was the reference, and was compared ${pairs}. ${acquaintance(report)}`.trim();
}

function acquaintance({ learntFrom, crossSet, input }: EvaluationReport): string {
  const shape = input === 'shape-only' ? 'It saw the shape only: strokes thinned and drawn again by one pen. ' : '';
  if (learntFrom === null) return shape;
  if (!crossSet) return `${shape}By its own record it has learnt from other writers of this set, and not from these.`;
  const from = learntFrom.length > 0 ? ` (it learnt from ${learntFrom.join(', ')})` : '';
  return `${shape}By its own record it has learnt from no writer of this set${from}: network and threshold are carried over.`;
}

function errors({ skilled, random, threshold, distance }: EvaluationReport): string[] {
  const { far, frr } = skilled;
  const lines = [
    `Of 100 skilled forgeries it accepted ${counted(far)}.`,
    `Of 100 genuine signatures it rejected ${counted(frr)}.`,
    ...(random === null
      ? []
      : [`Of 100 signatures of other people (random forgeries) it accepted ${counted(random.far)}.`]),
    `The threshold, ${distance === 'given' ? 'distance' : 'Euclidean distance'} ${threshold.value.toFixed(4)}, was fixed before the test: ${threshold.source}.`,
  ];
  if (apart(far, frr)) {
    const which = far.value < frr.value ? 'stricter' : 'looser';
    lines.push(
      `On these writers it is ${which} than the point of equal errors (${percent(skilled.eer.value)} each): a threshold fitted on people like these would strike another balance.`,
    );
  }
  return lines;
}

function evidence(report: EvaluationReport): string {
  const { eer } = report.skilled;
  const probe = probeEer(report);
  const own = `Its equal error rate is ${percent(eer.value)}${eer.interval === null ? '' : ` (95 % interval ${percent(eer.interval.low)} to ${percent(eer.interval.high)})`}`;
  switch (standing(report)) {
    case 'no interval':
      return `${own} on one writer. One person says nothing about others.`;
    case 'no probe':
      return `${own}. How far these pairs can be told apart without looking at a signature (paper, pen, size of the picture) was not measured, so the figures may flatter.`;
    case 'below':
      return `${own}. A probe that sees only paper, pen and canvas, no shape, has ${percent(probe!)}; the whole interval lies below it, so the result cannot be explained by these alone.`;
    case 'around':
      return `${own}. A probe that sees only paper, pen and canvas, no shape, has ${percent(probe!)}, and the interval reaches over it: this test has not shown that the system is better than a program that never looks at a signature.`;
    case 'above':
      return `${own}. A probe that sees only paper, pen and canvas, no shape, has ${percent(probe!)} and does better: this data set gives its answers away, and a good figure on it would show nothing.`;
  }
}

function uses(report: EvaluationReport): string[] {
  const { skilled, random, counts } = report;
  if (!betterThanChance(skilled.auc)) return [];
  const shown = standing(report) === 'below';
  const order = `a genuine pair is the closer one in ${perHundred(skilled.auc.value)} of 100 comparisons with a skilled forgery`;
  const lines = [
    shown
      ? `To put signatures in order for a person who decides: ${order}.`
      : `As a hint to a person who decides, and no more: ${order}, but paper, pen and canvas may be what orders them.`,
  ];
  if (random !== null && bearable(random.far)) {
    lines.push(`To notice a signature of quite another person: of 100 it let ${perHundred(random.far.value)} pass.`);
  }
  if (shown && counts.writers >= FEW_WRITERS && bearable(skilled.far)) {
    lines.push('To accept without a person, where one skilled forgery in a hundred that passes can be borne.');
  }
  return lines;
}

function limits({ skilled, counts }: EvaluationReport): string[] {
  const { far, frr, auc } = skilled;
  const lines: string[] = [];
  if (!betterThanChance(auc)) lines.push('To tell skilled forgeries: it is not shown to be better than chance.');
  if (!bearable(far)) {
    lines.push(
      `To accept without a person where forgers must be expected: ${passed(far, 'skilled forgeries passed')}.`,
    );
  }
  if (!bearable(frr)) {
    lines.push(`To reject without a person: ${passed(frr, 'genuine signatures were turned away')}.`);
  }
  lines.push(
    'For signatures unlike these, in another script, from another pen or scanner: measure again, thresholds do not travel by themselves.',
  );
  if (counts.writers < FEW_WRITERS)
    lines.push(
      `For conclusions about people in general: ${writers(counts.writers)} are few, and the intervals somewhat too narrow.`,
    );
  return lines;
}

function counted(rate: CountedRate): string {
  if (rate.errors > 0) return `${perHundred(rate.value)}${bracket(rate)}`;
  return `none (0 of ${grouped(rate.pairs)} comparisons; that is no proof that it never would)`;
}

/** ` (95 % interval 6.9 to 11.6)`, of a hundred. */
function bracket({ interval }: Estimate): string {
  return interval === null ? '' : ` (95 % interval ${perHundred(interval.low)} to ${perHundred(interval.high)})`;
}

function betterThanChance({ interval }: Estimate): boolean {
  return interval !== null && interval.low > 0.5;
}

function bearable({ interval, errors }: CountedRate): boolean {
  return interval !== null && errors > 0 && interval.high <= BEARABLE;
}

function apart({ interval: a }: Estimate, { interval: b }: Estimate): boolean {
  return a !== null && b !== null && (a.high < b.low || b.high < a.low);
}

/** `about 1 in 19 skilled forgeries passed`. */
function passed({ value, errors, pairs }: CountedRate, what: string): string {
  if (errors === 0) return `0 of ${grouped(pairs)} comparisons went wrong, which gives no upper bound`;
  return value > 0.5 ? `most ${what}` : `about 1 in ${Math.round(1 / value)} ${what}`;
}

function writers(count: number): string {
  return count === 1 ? 'one writer' : `${count} writers`;
}
