/** The evaluation report as a table for a terminal. Rates in percent. */

import type { Interval } from './bootstrap.js';
import { DISTANCE_WORDS } from './distance-words.js';
import type { FrrAtFar } from './error-rates.js';
import type { CountedRate, ErrorReport, Estimate } from './error-report.js';
import { formatRate } from './operating-points.js';
import type { EvaluationReport } from './report.js';

/** @returns lines of at most 110 characters, the last one ended too */
export function renderReportText(report: EvaluationReport): string {
  const { skilled, random, threshold } = report;
  const columns = random === null ? [skilled] : [skilled, random];
  const row = (label: string, cell: (errors: ErrorReport) => string) => table(label, columns.map(cell));
  return [
    `${report.protocol}   data ${report.dataset}   model ${report.modelId}`,
    ...whatWasCompared(report),
    `Threshold fixed beforehand: ${threshold.source}`,
    ...crossSetLine(report),
    ...drawnLine(report),
    '',
    table('', random === null ? ['skilled forgeries'] : ['skilled forgeries', 'random forgeries']),
    row('pairs, genuine + forged', ({ frr, far }) => `${frr.pairs} + ${far.pairs}`),
    row('FAR at the threshold', ({ far }) => rate(far)),
    row('FRR at the threshold', ({ frr }) => rate(frr)),
    row('EER', ({ eer }) => rate(eer)),
    ...leakLines(report),
    row('AUC', ({ auc }) => rate(auc)),
    row('FRR at FAR 1 %', ({ frrAtFar }) => atFar(frrAtFar[0])),
    row('FRR at FAR 0.1 %', ({ frrAtFar }) => atFar(frrAtFar[1])),
    row('EER per writer, own threshold', ({ perWriterEer }) =>
      perWriterEer === null ? '-' : `${percent(perWriterEer.mean)} (worst ${percent(perWriterEer.worst)})`,
    ),
    ...referenceLines(report),
    ...calibrationLines(report),
    ...promiseLines(report),
    '',
    `A posteriori (${report.aPosteriori.note}):`,
    table('  max balanced accuracy', [percent(report.aPosteriori.skilled.balancedAccuracy)]),
    '',
    ...notes(report),
    '',
  ].join('\n');
}

/** `9.81 %`: two decimals. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

/** `9.81 % [8.40, 11.26]`: a rate and its 95 % interval. */
export function rate({ value, interval }: Estimate | CountedRate): string {
  return interval === null ? percent(value) : `${percent(value)} ${bounds(interval)}`;
}

function bounds({ low, high }: Interval): string {
  return `[${(100 * low).toFixed(2)}, ${(100 * high).toFixed(2)}]`;
}

/** Beside the EER, so that nobody reads one without the other. */
function leakLines({ leak }: EvaluationReport): string[] {
  if (leak?.probe) return [table('EER of the probe without shape', [percent(leak.probe.eer)])];
  if (!leak?.randomSplits) return [];
  const { eerMean, eerDeviation, splits } = leak.randomSplits;
  const spread = `+- ${(100 * eerDeviation).toFixed(2)}, ${splits} random halves`;
  return [table('EER of the probe without shape', [`${percent(eerMean)} (${spread})`])];
}

function calibrationLines({ calibration }: EvaluationReport): string[] {
  if (calibration === null) return [];
  const { cllr, minCllr, ece, brier } = calibration;
  return [
    table('Cllr of the similarity (least)', [`${cllr.toFixed(3)} (${minCllr.toFixed(3)}) bits`]),
    table('ECE, Brier of the similarity', [`${percent(ece)}, ${brier.toFixed(3)}`]),
  ];
}

/** What was promised of the FAR beforehand, and what came. */
function promiseLines({ operatingPoints }: EvaluationReport): string[] {
  return (operatingPoints ?? []).map(({ target, realised, unsupported, withinFactorOfTwo }) => {
    const verdict = withinFactorOfTwo ? 'within a factor of two' : 'NOT within a factor of two';
    const note = unsupported === null ? verdict : `${verdict}; was not promised`;
    return table(`FAR where ${formatRate(target)} was aimed at`, [rate(realised), note]);
  });
}

function atFar(point: FrrAtFar | undefined): string {
  if (point === undefined) return '-';
  return point.frr === null ? 'too few errors (note 2)' : percent(point.frr);
}

function table(label: string, cells: readonly string[]): string {
  return `${label.padEnd(34)}${cells.map((cell) => cell.padEnd(30)).join('')}`.trimEnd();
}

function whatWasCompared({ counts, distance, threshold, input }: EvaluationReport): string[] {
  const accepted = `accepted when distance <= ${threshold.value.toFixed(4)}`;
  if (threshold.score !== undefined) {
    return [`${counts.writers} writers, scores as given, accepted when score >= ${threshold.score.toFixed(4)}`];
  }
  if (distance === 'given') return [`${counts.writers} writers, distances as given, ${accepted}`];
  return [
    `${counts.writers} writers, ${counts.genuineSamples} genuine signatures, ${counts.forgedSamples} skilled forgeries`,
    `One reference, ${DISTANCE_WORDS[distance]} distance, ${accepted}`,
    ...(input === 'shape-only'
      ? ['Shape only: strokes thinned and drawn again by one pen before the model saw them']
      : []),
  ];
}

function crossSetLine({ crossSet, learntFrom }: EvaluationReport): string[] {
  return crossSet && learntFrom !== null && learntFrom.length > 0
    ? [`Another set than the model learnt from (${learntFrom.join(', ')}): the threshold is carried over`]
    : [];
}

function drawnLine({ pairsDrawnPerWriter: drawn }: EvaluationReport): string[] {
  return drawn === null
    ? []
    : [`Pairs drawn per writer: ${drawn.genuine} genuine, ${drawn.forged} forged, not all pairs`];
}

/** One row for each k; each cell holds the fusions in the order of the heading. */
function referenceLines({ references }: EvaluationReport): string[] {
  if (references.length === 0) return [];
  const counts = [...new Set(references.map(({ count }) => count))];
  const fusions = [...new Set(references.map(({ fusion }) => fusion))];
  const cell = (eers: readonly number[]) => `${eers.map((eer) => (100 * eer).toFixed(2)).join(' / ')} %`;
  return [
    `EER with references drawn ${references[0]!.draws} times, by ${fusions.join(' / ')}`,
    ...counts.map((k) => {
      const row = references.filter(({ count }) => count === k);
      const random = row.flatMap((entry) => entry.random ?? []);
      const kinds = [row.map(({ skilled }) => skilled.eerMean), random.map(({ eerMean }) => eerMean)];
      return table(`  ${k} reference${k === 1 ? '' : 's'}`, kinds.filter((eers) => eers.length > 0).map(cell));
    }),
  ];
}

function notes({ skilled, random, failures, counts, distance }: EvaluationReport): string[] {
  const lines = [
    skilled.resamples > 0
      ? `1. In brackets: 95 % interval, bootstrap over writers, ${skilled.resamples} resamples.`
      : '1. One writer only: no intervals.',
  ];
  const reasons = [...skilled.frrAtFar, ...(random?.frrAtFar ?? [])].flatMap(({ reason }) => reason ?? []);
  if (reasons.length > 0) lines.push(...['2. Rule of 30 (Doddington et al. 2000):', ...new Set(reasons)].map(indent));
  const none = [skilled, ...(random === null ? [] : [random])].some(({ far, frr }) => far.errors * frr.errors === 0);
  if (none) lines.push('3. A rate of 0 with [0.00, 0.00]: no error was seen; the bootstrap gives no upper bound.');
  if (counts.writers < 20) lines.push(`4. Only ${counts.writers} writers: the intervals are somewhat too narrow.`);
  const codes = Object.entries(failures.byCode).map(([code, count]) => `${code} ${count}`);
  if (distance !== 'given') {
    lines.push(`Failed images: ${failures.images}${codes.length > 0 ? ` (${codes.join(', ')})` : ''}.`);
  }
  const { genuinePairsRejected, skilledPairsLeftOut, randomPairsLeftOut } = failures;
  if (genuinePairsRejected + skilledPairsLeftOut + randomPairsLeftOut > 0) {
    const refused = distance === 'given' ? 'that were refused' : 'with one';
    lines.push(
      `${genuinePairsRejected} genuine pairs ${refused} count as false rejections (ISO/IEC 19795-1);`,
      `${skilledPairsLeftOut} skilled and ${randomPairsLeftOut} random pairs ${refused} are left out of FAR.`,
    );
  }
  return lines;
}

function indent(line: string, index: number): string {
  return index === 0 ? line : `   ${line}`;
}
