import { CountersignError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import type { Sample } from '../data/dataset.js';
import type { BatchLabels } from './labels.js';

export interface SamplerOptions {
  /** P: identities in a batch; more where they have too few signatures to fill it. */
  readonly identities: number;
  /** Genuine signatures of each. */
  readonly genuine: number;
  /** Skilled forgeries of each; identities without forgeries give more genuine ones instead. */
  readonly forged: number;
  /** Share of the skilled forgeries, also of identities that have none, in whose place a genuine one is imitated. */
  readonly imitated?: number;
  /** Share of the identities that go on as another of their data set: a writer that does not exist. */
  readonly spliced?: number;
  /** Weight of a data set in the draw, by name; others weigh the square root of their writers. */
  readonly setShares?: Readonly<Record<string, number>>;
}

/** A sample, the set it came from and the text it shows, where writers of the set write several or the same. */
export interface SampleOfSet extends Sample {
  readonly dataset: string;
  /** What is written, the same for all who write it; empty where a writer has one signature, his own. */
  readonly text: string;
}

export interface Batch {
  /** Positions in the list of samples. */
  readonly indices: readonly number[];
  readonly labels: BatchLabels;
  /** [N] 1 for a genuine signature that is to be imitated, a forgery by its label. */
  readonly imitated: Uint8Array;
  /** [N] what a signature goes on as, if it does. */
  readonly continuations: readonly (Continuation | undefined)[];
}

/** The right of another signature of the same kind, or a genuine one where its writer has none. */
export interface Continuation {
  /** Position in the list of samples. */
  readonly index: number;
  /** Of the width, 0 .. 1, that stays the first one's; the same for all of an identity. */
  readonly share: number;
}

interface Identity {
  /** Empty where it is the writer's own. */
  readonly text: string;
  readonly genuine: number[];
  readonly forged: number[];
}

/** Identities that may meet in a batch: of one data set, so that no scanner or pen tells other writers apart. */
interface Pool {
  readonly dataset: string;
  readonly writers: number;
  readonly all: Identity[];
  /** By text, where several identities share it. */
  readonly texts: Identity[][];
}

/** Of the width that stays the first one's. */
const LEAST_SHARE = 0.3;

/** Batches of identities that share a text, where the set has such: the other writers are then no easy negatives. */
const SAME_TEXT_CHANCE = 0.75;

/**
 * Draws batches of P identities x (genuine + forged), all of one data set, itself drawn by its
 * share. A batch depends on the rng alone, so any step can be drawn again.
 */
export function createSampler(samples: readonly SampleOfSet[], options: SamplerOptions): (rng: Rng) => Batch {
  const pools = poolsOf(samples);
  const strangers = Object.keys(options.setShares ?? {}).filter(
    (name) => !pools.some(({ dataset }) => dataset === name),
  );
  if (strangers.length > 0) {
    const message = `Expected shares of ${pools.map(({ dataset }) => dataset).join(', ')}; one of ${strangers.join(', ')} came.`;
    throw new CountersignError('INVALID_ARGUMENT', message, { details: { strangers } });
  }
  const shares = pools.map(({ dataset, writers }) => options.setShares?.[dataset] ?? Math.sqrt(writers));
  if (!shares.some((share) => share > 0)) {
    throw new CountersignError('INVALID_ARGUMENT', 'Expected a share above 0 of at least one data set; all are 0.');
  }
  const size = options.identities * (options.genuine + options.forged);

  return (rng) => {
    const { all, texts } = pools[drawByShare(shares, rng)]!;
    const sameText = texts.length > 0 && rng.chance(SAME_TEXT_CHANCE) ? rng.pick(texts) : [];
    const drawn = new Set([...rng.sample(sameText, sameText.length), ...rng.sample(all, all.length)]);
    const indices: number[] = [];
    const identity: number[] = [];
    const forged: number[] = [];
    const imitated: number[] = [];
    const continuations: (Continuation | undefined)[] = [];
    let number = 0;
    for (const group of drawn) {
      const room = size - indices.length;
      if (room < 2) break;
      const most = Math.min(options.forged, room - 2);
      const imitations = drawImitated(group, most, options.imitated ?? 0, rng);
      const forgeries = rng.sample(group.forged, most - imitations.length);
      const others = forgeries.length + imitations.length;
      const wanted = options.genuine + options.forged - others;
      const genuine = rng.sample(group.genuine, Math.min(wanted, room - others));
      const goOn = drawContinuation(group, all, options.spliced ?? 0, rng);
      for (const [rows, kind, copy] of [
        [genuine, 0, 0],
        [forgeries, 1, 0],
        [imitations, 1, 1],
      ] as const) {
        for (const index of rows) {
          indices.push(index);
          identity.push(number);
          forged.push(kind);
          imitated.push(copy);
          continuations.push(goOn?.(samples[index]!.kind));
        }
      }
      number++;
    }
    return {
      indices,
      labels: { identity: Int32Array.from(identity), forged: Uint8Array.from(forged) },
      imitated: Uint8Array.from(imitated),
      continuations,
    };
  };
}

/** Which genuine signatures are imitated in `places` for forgeries. A share of 0 draws no number: old runs can be repeated. */
function drawImitated({ genuine }: Identity, places: number, share: number, rng: Rng): number[] {
  if (share === 0) return [];
  const made = Array.from({ length: places }, () => rng.chance(share)).filter(Boolean);
  return rng.sample(genuine, made.length);
}

/**
 * What an identity goes on as, if it does, one signature at a time, none twice before all have been. A text stays whole: it
 * is what makes others of the batch alike. A share of 0 draws no number.
 */
function drawContinuation(group: Identity, all: readonly Identity[], share: number, rng: Rng) {
  if (share === 0 || group.text !== '' || !rng.chance(share)) return undefined;
  const other = rng.pick(all.filter((one) => one !== group));
  const own = rng.uniform(LEAST_SHARE, 1 - LEAST_SHARE);
  const left = {
    genuine: rng.sample(other.genuine, other.genuine.length),
    forged: rng.sample(other.forged, other.forged.length),
  };
  return (kind: Sample['kind']): Continuation => {
    const rows = left[kind].length > 0 ? left[kind] : left.genuine;
    const index = rows.shift()!;
    rows.push(index);
    return { index, share: own };
  };
}

/** Identities with two genuine signatures, by data set. */
function poolsOf(samples: readonly SampleOfSet[]): Pool[] {
  const sets = new Map<string, Map<string, Identity & { writer: string }>>();
  samples.forEach(({ dataset, writer, identity, text, kind }, index) => {
    const set = sets.get(dataset) ?? new Map<string, Identity & { writer: string }>();
    const own = `${writer}\n${identity}`; // two writers may call theirs the same
    const group = set.get(own) ?? { writer, text, genuine: [], forged: [] };
    group[kind].push(index);
    set.set(own, group);
    sets.set(dataset, set);
  });
  return [...sets]
    .map(([dataset, set]) => {
      const all = [...set.values()].filter(({ genuine }) => genuine.length >= 2);
      const byText = new Map<string, Identity[]>();
      for (const group of all) {
        if (group.text !== '') byText.set(group.text, [...(byText.get(group.text) ?? []), group]);
      }
      const writers = new Set(all.map(({ writer }) => writer)).size;
      return { dataset, writers, all, texts: [...byText.values()].filter((groups) => groups.length >= 2) };
    })
    .filter(({ all }) => all.length >= 2);
}

/** @returns an index, drawn with a probability in proportion to its share */
function drawByShare(shares: readonly number[], rng: Rng): number {
  let left = rng.uniform(0, 1) * shares.reduce((sum, share) => sum + share, 0);
  for (const [index, share] of shares.entries()) {
    left -= share;
    if (left < 0) return index;
  }
  return shares.length - 1;
}
