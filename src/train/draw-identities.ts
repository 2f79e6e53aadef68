import { Rng } from '../core/rng.js';
import type { InkImage } from '../image/types.js';
import { createSampler, type SampleOfSet } from '../metric/sampler.js';
import type { TrainConfig } from './config.js';

const BATCHES = 120;

/** Images that say how hands vary. */
export interface DrawnImages {
  readonly images: readonly InkImage[];
  /** Rows of `images` of one identity each, at least two; a row may be in several. */
  readonly groups: readonly (readonly number[])[];
}

/**
 * Genuine signatures that say how hands vary, drawn as batches are: data sets by their shares. Sets that nobody forged are left out where others
 * are there: what differs in them is pen and screen more than the hand.
 *
 * @returns positions in the list of samples, of one identity each, two at least
 * @throws CountersignError INVALID_ARGUMENT where no set to draw from has a share above 0
 */
export function drawIdentities(
  config: Pick<TrainConfig, 'identities' | 'genuine' | 'forged' | 'setShares' | 'seed'>,
  samples: readonly SampleOfSet[],
): number[][] {
  const forged = new Set(samples.flatMap(({ kind, dataset }) => (kind === 'forged' ? [dataset] : [])));
  const positions = [...samples.keys()].filter((i) => forged.size === 0 || forged.has(samples[i]!.dataset));
  const drawn = positions.map((i) => samples[i]!);
  const names = new Set(drawn.map(({ dataset }) => dataset));
  const draw = createSampler(drawn, {
    ...{ identities: config.identities, genuine: config.genuine + config.forged, forged: 0 },
    setShares: Object.fromEntries(Object.entries(config.setShares).filter(([name]) => names.has(name))),
  });
  const rng = new Rng(config.seed).fork('whitening');
  return Array.from({ length: BATCHES }, (_, batch) => draw(rng.fork(String(batch)))).flatMap(({ indices, labels }) => {
    const groups = new Map<number, number[]>();
    indices.forEach((index, i) => {
      const identity = labels.identity[i]!;
      groups.set(identity, [...(groups.get(identity) ?? []), positions[index]!]);
    });
    return [...groups.values()];
  });
}

/** What the groups have of all images, each once, and the groups as rows of it. */
export function imagesOf(groups: DrawnImages['groups'], all: readonly InkImage[]): DrawnImages {
  const positions = [...new Set(groups.flat())];
  const rowOf = new Map(positions.map((position, row) => [position, row]));
  return {
    images: positions.map((position) => all[position]!),
    groups: groups.map((rows) => rows.map((position) => rowOf.get(position)!)),
  };
}
