/** The leak audit as a table for a terminal. Rates in percent. */

import { SURFACE_FACTS } from '../image/surface.js';
import type { AuditReport, SurfaceAudit } from './audit-run.js';
import type { ProbeResult } from './leak-audit.js';
import { percent } from './report-text.js';

/** @returns lines of at most 110 characters, the last one ended too */
export function renderAuditText(report: AuditReport): string {
  const { duplicates, raw, prepared, leftOut } = report;
  const both = (label: string, cell: (audit: SurfaceAudit) => string) => row(label, cell(raw), cell(prepared));
  return [
    `leak audit of ${report.dataset}: ${report.writers} writers, ${report.samples} images`,
    `left out: ${leftOut.raw} unreadable files; ${leftOut.prepared} without a canvas, also for lack of a signature`,
    `exact duplicates within a writer and kind: ${duplicates.surplusGenuine} genuine, ${duplicates.surplusForged} forged`,
    `groups of duplicates across writers ${duplicates.groupsAcrossWriters}, across genuine and forged ${duplicates.groupsAcrossKinds}`,
    '',
    row('|difference| of one number alone', 'files as they are', 'what the network sees'),
    ...SURFACE_FACTS.map((fact, i) => both(`  ${fact}`, ({ facts }) => result(facts?.[i] ?? null))),
    '',
    row('probe: all of them, other writers', 'files as they are', 'what the network sees'),
    both(report.protocol === null ? '  a list of test writers' : `  ${report.protocol}`, ({ probe }) => result(probe)),
    both('  the same without duplicates', ({ probeWithoutDuplicates }) => result(probeWithoutDuplicates)),
    both('  random halves, without duplicates', ({ randomSplits }) =>
      randomSplits === null
        ? '-'
        : `EER ${percent(randomSplits.eerMean)} +- ${(100 * randomSplits.eerDeviation).toFixed(2)}`,
    ),
    '',
    'The probe sees no shape. A verifier that is not clearly better than it on the same writers has shown nothing.',
    '',
  ].join('\n');
}

function result(rates: Pick<ProbeResult, 'eer' | 'auc'> | null): string {
  return rates === null ? '-' : `EER ${percent(rates.eer)}  AUC ${rates.auc.toFixed(3)}`;
}

function row(label: string, ...cells: readonly string[]): string {
  return `${label.padEnd(38)}${cells.map((cell) => cell.padEnd(30)).join('')}`.trimEnd();
}
