import { describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import type { SampleOfSet } from '../metric/sampler.js';
import fitScale, { type ScaleInput } from './jobs/fit-scale.js';
import { judgeable } from './witness.js';

const D = 6;
const WRITERS = 150;
const PAIRS = 40;

/** Writers whose distances are `scale(u)` times as long as those of others: genuine ones 0.6 on average, forged 0.8. */
function world(scale: (u: readonly number[]) => number): ScaleInput {
  const rng = new Rng('world');
  const directions = new Float32Array(WRITERS * 2 * D);
  const [rows, distance, isGenuine]: [number[], number[], number[]] = [[], [], []];
  for (let writer = 0; writer < WRITERS; writer++) {
    const raw = Array.from({ length: D }, () => rng.normal());
    const u = raw.map((value) => value / Math.hypot(...raw));
    for (const row of [2 * writer, 2 * writer + 1]) directions.set(u, row * D);
    for (let pair = 0; pair < PAIRS; pair++) {
      const genuine = pair % 2 === 0;
      rows.push(2 * writer);
      isGenuine.push(Number(genuine));
      distance.push((genuine ? 0.6 : 0.8) * scale(u) * Math.exp(rng.normal(0, 0.15)));
    }
  }
  return {
    directions,
    dimension: D,
    reference: Uint32Array.from(rows),
    questioned: Uint32Array.from(rows, (row) => row + 1),
    distance: Float32Array.from(distance),
    isGenuine: Uint8Array.from(isGenuine),
  };
}

describe('judgeable', () => {
  it('takes who has genuine pairs and forgeries, of data sets that the witness does not know', () => {
    const sample = (dataset: string, writer: string, kind: 'genuine' | 'forged', n: number): SampleOfSet => ({
      ...{ dataset, kind, text: '', path: '' },
      ...{ writer: `${dataset}/${writer}`, identity: `${dataset}/${writer}`, id: `${dataset}/${writer}/${kind}${n}` },
    });
    const of = (dataset: string, writer: string, genuine: number, forged: number) => [
      ...Array.from({ length: genuine }, (_, n) => sample(dataset, writer, 'genuine', n)),
      ...Array.from({ length: forged }, (_, n) => sample(dataset, writer, 'forged', n)),
    ];
    const samples = [
      ...of('known', 'a', 3, 3),
      ...of('new', 'b', 2, 1),
      ...of('new', 'c', 1, 3),
      ...of('new', 'd', 3, 0),
    ];
    const witness = { ancestry: [{ dataset: 'known', protocol: null }] };
    expect(judgeable(witness, samples).map(({ genuine }) => samples[genuine[0]!]!.writer)).toEqual(['new/b']);
  });
});

describe('the fit of a radius', () => {
  it('finds on what the scale of distances depends, and by how much', async () => {
    const w = [0.2, 0, -0.1, 0, 0, 0.05];
    const g = (u: readonly number[]) => Math.sqrt(D) * u.reduce((sum, value, k) => sum + value * w[k]!, 0);
    const found = await fitScale(world((u) => Math.exp(g(u))));
    w.forEach((value, k) => {
      expect(Math.abs(found[k]! - value)).toBeLessThan(0.03);
    });
  });

  it('refuses a witness to whom forgeries lie no farther than genuine signatures', async () => {
    const blind = world(() => 1);
    const swapped = { ...blind, isGenuine: blind.isGenuine.map((value) => 1 - value) };
    for (const pairs of [swapped, { ...blind, distance: blind.distance.map(() => 0.7) }])
      await expect(fitScale(pairs)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('finds next to nothing where all distances are of one scale, and takes copies of an image', async () => {
    const alike = world(() => 1);
    alike.distance.fill(0, 0, 4);
    expect(Math.max(...(await fitScale(alike)).map(Math.abs))).toBeLessThan(0.02);
  });
});
