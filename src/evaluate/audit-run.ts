/** The leak audit of a data set: duplicates, and what its pictures give away without their shape. */
import { Rng } from '../core/rng.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { type DuplicateReport, findDuplicates } from '../data/duplicates.js';
import { findProtocol } from '../data/find-protocol.js';
import { mapConcurrent } from '../data/map-concurrent.js';
import { openDataset } from '../data/open-dataset.js';
import type { Protocol } from '../data/protocol.js';
import { testWritersOf } from '../data/splits.js';
import { requireForgeries, requireGenuinePairs } from '../data/writers.js';
import type { PreprocessOptions } from '../image/options.js';
import { defineJob, type WorkerPool } from '../runtime/pool.js';
import type { MeasuredSurface } from './jobs/measure-surface.js';
import {
  auditFacts,
  type FactLeak,
  type ProbeResult,
  partOf,
  probe,
  probeRandomSplits,
  type SurfaceSamples,
} from './leak-audit.js';

const measureSurface = defineJob<typeof import('./jobs/measure-surface.js').default>(
  import.meta.url,
  './jobs/measure-surface.js',
);

/** Rates are 0 .. 1. */
export interface AuditReport {
  readonly schema: 'countersign/audit@1';
  readonly dataset: string;
  /** Whose test writers the probe is tested on, if one was named. */
  readonly protocol: string | null;
  readonly writers: number;
  readonly samples: number;
  /** Files that could not be read; and those that gave no canvas, also for lack of a signature. */
  readonly leftOut: { readonly raw: number; readonly prepared: number };
  readonly duplicates: {
    /** Copies beyond the first, within one writer and kind. */
    readonly surplusGenuine: number;
    readonly surplusForged: number;
    readonly groupsAcrossWriters: number;
    readonly groupsAcrossIdentities: number;
    readonly groupsAcrossKinds: number;
  };
  /** Of the files as they are. */
  readonly raw: SurfaceAudit;
  /** Of the canvases that the network sees. */
  readonly prepared: SurfaceAudit;
}

export interface SurfaceAudit {
  /** Each number alone, over all writers; null where a kind of pair is missing. */
  readonly facts: readonly FactLeak[] | null;
  /** Fitted on the other writers, tested on the listed ones; null without a protocol. */
  readonly probe: ProbeResult | null;
  /** The same where every picture is kept once; null without a protocol or without duplicates. */
  readonly probeWithoutDuplicates: ProbeResult | null;
  /** Fitted on a random half of the writers, tested on the other, every picture once; null for fewer than four writers. */
  readonly randomSplits: { readonly eerMean: number; readonly eerDeviation: number; readonly splits: number } | null;
}

export interface AuditOptions {
  /** Folder or manifest of the data set. */
  readonly data: string;
  readonly layout?: string | undefined;
  readonly protocol?: string | undefined;
  /** Of the model whose view of the pictures is audited beside the files. */
  readonly preprocess: PreprocessOptions;
  readonly pool: WorkerPool;
  /** Of the random splits. */
  readonly seed: number;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const SPLITS = 5;

/** @throws CountersignError DATASET_*, PROTOCOL_* */
export async function runAudit(options: AuditOptions): Promise<AuditReport> {
  const { pool, seed } = options;
  const dataset = await openDataset(options.data, { layout: options.layout });
  requireForgeries(dataset);
  requireGenuinePairs(dataset);
  const protocol = options.protocol === undefined ? undefined : findProtocol(options.protocol);
  const isTest = protocol && testWriters(dataset, protocol);
  const duplicates = await findDuplicates(dataset.samples);
  const copies = copiesIn(duplicates);
  const { raw, prepared } = await measureSamples(dataset.samples, { ...options, options: options.preprocess, pool });

  const audit = (all: SurfaceSamples): SurfaceAudit => {
    const once = withoutCopies(all, copies);
    return {
      facts: auditFacts(all),
      probe: isTest ? probeOn(all, isTest) : null,
      probeWithoutDuplicates: isTest && copies.size > 0 ? probeOn(once, isTest) : null,
      randomSplits: probeRandomSplits(once, { splits: SPLITS, rng: new Rng(seed).fork('splits') }),
    };
  };
  return {
    schema: 'countersign/audit@1',
    dataset: dataset.name,
    protocol: protocol?.name ?? null,
    writers: new Set(dataset.samples.map(({ writer }) => writer)).size,
    samples: dataset.samples.length,
    leftOut: {
      raw: dataset.samples.length - raw.samples.length,
      prepared: dataset.samples.length - prepared.samples.length,
    },
    duplicates: {
      surplusGenuine: duplicates.surplus.genuine,
      surplusForged: duplicates.surplus.forged,
      groupsAcrossWriters: duplicates.groupsAcrossWriters,
      groupsAcrossIdentities: duplicates.groupsAcrossIdentities,
      groupsAcrossKinds: duplicates.groupsAcrossKinds,
    },
    raw: audit(raw),
    prepared: audit(prepared),
  };
}

/** One of the two: on the test writers, fitted on the others; or over random halves where there are no others. */
export type LeakProbe = Pick<SurfaceAudit, 'probe' | 'randomSplits'>;

/** What is printed beside an evaluation: the probe on the files as they are. */
export async function runProbe(
  dataset: Dataset,
  protocol: Protocol,
  { pool, seed, onProgress }: Pick<AuditOptions, 'pool' | 'seed' | 'onProgress'>,
): Promise<LeakProbe> {
  const { raw } = await measureSamples(dataset.samples, { pool, options: undefined, onProgress });
  if (protocol.testWriters.select !== 'all') {
    return { probe: probeOn(raw, testWriters(dataset, protocol)), randomSplits: null };
  }
  const once = withoutCopies(raw, copiesIn(await findDuplicates(dataset.samples)));
  return { probe: null, randomSplits: probeRandomSplits(once, { splits: SPLITS, rng: new Rng(seed).fork('splits') }) };
}

/** All but the first of every picture. */
function copiesIn({ groups }: DuplicateReport): ReadonlySet<string> {
  return new Set(groups.flatMap(({ samples }) => samples.slice(1).map(({ id }) => id)));
}

async function measureSamples(
  samples: readonly Sample[],
  settings: {
    readonly pool: WorkerPool;
    readonly options: PreprocessOptions | undefined;
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<{ raw: SurfaceSamples; prepared: SurfaceSamples }> {
  const { pool, options, onProgress } = settings;
  let done = 0;
  const measured = await mapConcurrent(samples, 2 * pool.size, async ({ path }) => {
    const result = await pool.call(measureSurface, { path, options });
    onProgress?.(++done, samples.length);
    return result;
  });
  const of = (which: keyof MeasuredSurface): SurfaceSamples => {
    const usable = samples.flatMap((sample, i) => {
      const facts = measured[i]![which];
      return facts === null ? [] : [{ sample, facts }];
    });
    return { samples: usable.map(({ sample }) => sample), facts: usable.map(({ facts }) => facts) };
  };
  return { raw: of('raw'), prepared: of('prepared') };
}

function testWriters(dataset: Dataset, protocol: Protocol): (writer: string) => boolean {
  const writers = new Set(testWritersOf(dataset, protocol));
  return (writer) => writers.has(writer);
}

function probeOn(all: SurfaceSamples, isTest: (writer: string) => boolean): ProbeResult | null {
  return probe(
    partOf(all, (writer) => !isTest(writer)),
    partOf(all, isTest),
  );
}

function withoutCopies({ samples, facts }: SurfaceSamples, copies: ReadonlySet<string>): SurfaceSamples {
  const kept = samples.map(({ id }) => !copies.has(id));
  return { samples: samples.filter((_, i) => kept[i]), facts: facts.filter((_, i) => kept[i]) };
}
