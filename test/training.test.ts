/** The training run as its user sees it: a model from a folder, and the same model after a kill -9. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../src/core/rng.js';
import { loadPreprocessed } from '../src/data/cache.js';
import { openDataset } from '../src/data/open-dataset.js';
import { synthesizeDataset } from '../src/data/synthetic/synthesize-dataset.js';
import { areaUnderCurve } from '../src/evaluate/error-rates.js';
import { genuinePairs, randomForgeryPairs, skilledForgeryPairs } from '../src/evaluate/pairs.js';
import { TWO_VIEWS } from '../src/image/views.js';
import { euclideanDistances } from '../src/metric/distances.js';
import { decodeModel, replaceFacts } from '../src/nn/model-file.js';
import { readModelMetadata } from '../src/nn/model-metadata.js';
import { encodeSafetensors } from '../src/nn/safetensors.js';
import { randomWeights, type Weights } from '../src/nn/weights.js';
import { GradientEngine } from '../src/runtime/gradient-engine.js';
import { openEmbedder } from '../src/runtime/model-embedder.js';
import { WorkerPool } from '../src/runtime/pool.js';
import { loadCheckpoint } from '../src/train/checkpoint.js';
import { trainConfigSchema } from '../src/train/config.js';
import { openViews } from '../src/train/open-views.js';
import { runTraining, type TrainingListener } from '../src/train/run.js';
import { writeTinyModel } from './tiny-network.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-training-'));
const data = join(folder, 'data');
const init = join(folder, 'init.safetensors');
// Images are prepared once for all runs.
process.env.XDG_CACHE_HOME = join(folder, 'cache');
const config = trainConfigSchema.parse({
  architecture: { backbone: 'mobilenet-v1', widthMultiplier: 0.1, embeddingSize: 16 },
  preprocess: { canvas: { height: 64, width: 96 } },
  steps: 8,
  identities: 3,
  genuine: 2,
  forged: 2,
  warmupSteps: 2,
  validationWriters: 2,
  validateEvery: 3,
  checkpointEvery: 2,
  workers: 1,
});
const NO_AUGMENTATION = { ...config.augment };
for (const key of Object.keys(NO_AUGMENTATION) as (keyof typeof NO_AUGMENTATION)[]) NO_AUGMENTATION[key] = 0;

/** Forms of batch norm, each with its uninterrupted run. */
const FORMS = [
  ['folded', 'whole'],
  ['trained', 'whole-trained'],
] as const;

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);

function correlation(a: readonly number[], b: readonly number[]): number {
  const covariance = (x: readonly number[], y: readonly number[]) => {
    const [middleOfX, middleOfY] = [meanOf(x), meanOf(y)];
    return meanOf(x.map((value, i) => (value - middleOfX) * (y[i]! - middleOfY)));
  };
  return covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b));
}

const run = (
  out: string,
  more: {
    resume?: boolean;
    listener?: TrainingListener;
    change?: Partial<typeof config>;
    witness?: string;
    init?: string;
    data?: string;
  } = {},
) => {
  if (!more.resume) rmSync(join(folder, out), { recursive: true, force: true }); // of a test that is tried again
  return runTraining({
    config: { ...config, ...more.change },
    data: [more.data ?? data],
    init: more.init ?? init,
    witness: more.witness,
    out: join(folder, out),
    ...(more.resume !== undefined && { resume: more.resume }),
    ...(more.listener && { listener: more.listener }),
  });
};
const start = randomWeights(config.architecture, new Rng(1));
/** A parameter at three quarters of the way from where runs start. */
const aQuarterBack = (weights: Weights, name: string) => {
  const [from, to] = [start.get(name)!.data, weights.get(name)!.data];
  return to.map((value, i) => 0.25 * from[i]! + 0.75 * value);
};
const away = (vector: readonly number[], from: readonly (readonly number[])[]) =>
  vector.map((value, k) => value - from.reduce((sum, other) => sum + other[k]! / from.length, 0));
const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
/** In how many directions vectors lie away from 0: (sum of variances)^2 / sum of their squares, 1 to all there are. */
const spreadOf = (vectors: readonly (readonly number[])[]) =>
  vectors.reduce((sum, a) => sum + product(a, a), 0) ** 2 /
  vectors.reduce((sum, a) => sum + vectors.reduce((part, b) => part + product(a, b) ** 2, 0), 0);
const bytes = (...path: string[]) => readFileSync(join(folder, ...path));
/** What a model says of the data: embeddings, end to end, without what all images have in common. */
async function told(file: string): Promise<number[]> {
  const { samples } = await openDataset(data);
  const { images } = await loadPreprocessed(samples, config.preprocess);
  const embedder = await openEmbedder(join(folder, file));
  const all = await embedder.embed(images);
  await embedder.close();
  const middle = all
    .slice(0, embedder.dimension)
    .map((_, k) => meanOf([...all].filter((_, i) => i % embedder.dimension === k)));
  return [...all].map((value, i) => value - middle[i % embedder.dimension]!);
}

beforeAll(async () => {
  await synthesizeDataset(data, { writers: 6, genuine: 4, forged: 4, seed: 5 });
  writeFileSync(init, encodeSafetensors(start));
  await run('whole');
  await run('whole-trained', { change: { batchNorm: 'trained' } });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('a training run', () => {
  it('writes a model, a checkpoint and a record of what it was made from', () => {
    const record = JSON.parse(bytes('whole', 'run.json').toString());
    expect(record).toMatchObject({
      seed: 1,
      workers: 1,
      datasets: ['data'],
      developmentWriters: 4,
      validationWriters: 2,
      init: 'init.safetensors',
      steps: 8,
    });
    expect(record.dataHash).toMatch(/^[0-9a-f]{64}$/);
    expect(record.config).toEqual(config);
    expect(existsSync(join(folder, 'whole', 'model.onnx'))).toBe(true);
  });

  it('ends, if asked to, between the weights it started from and the best; a run that goes on after its end changes nothing', async () => {
    const change = { startShare: 0.25 };
    await run('between', { change });
    const [model, trained] = ['model.onnx', 'trained.onnx'].map((file) => decodeModel(bytes('between', file)));
    expect(bytes('between', 'trained.onnx').equals(bytes('whole', 'model.onnx'))).toBe(true);
    for (const [name, { data }] of model!.weights) {
      const between = aQuarterBack(trained!.weights, name);
      expect(Math.max(...data.map((value, i) => Math.abs(value - between[i]!)))).toBeLessThan(1e-5);
    }
    const { averaged } = JSON.parse(bytes('between', 'run.json').toString());
    expect(averaged).toEqual({ startShare: 0.25, eer: model!.metadata.training!.validationEer });
    expect(model!.metadata.threshold.value).not.toBe(trained!.metadata.threshold.value);
    const before = bytes('between', 'model.onnx');
    await run('between', { change, resume: true });
    expect(bytes('between', 'model.onnx').equals(before)).toBe(true);
  });

  it('lets embeddings keep more of the features, if asked to, and leaves all else of the weights', async () => {
    const change = { featureShare: 0.75 };
    const { eer } = await run('merged', { change });
    const [model, trained] = ['model.onnx', 'trained.onnx'].map((file) => decodeModel(bytes('merged', file)));
    expect(bytes('merged', 'trained.onnx').equals(bytes('whole', 'model.onnx'))).toBe(true);
    for (const [name, { data, shape }] of model!.weights) {
      const before = trained!.weights.get(name)!;
      expect(shape).toEqual(before.shape);
      if (name.startsWith('head.')) expect(data).not.toEqual(before.data);
      else expect(data).toEqual(before.data);
    }
    const { merged } = JSON.parse(bytes('merged', 'run.json').toString());
    expect(merged).toEqual({ featureShare: 0.75, mergedSize: 0, eer });
    expect(eer).toBe(model!.metadata.training!.validationEer);

    // Of more of them than a head that has learnt for eight steps: in how many directions embeddings differ.
    const { images } = await loadPreprocessed((await openDataset(data)).samples, config.preprocess);
    const directions = async (file: string) => {
      const embedder = await openEmbedder(join(folder, 'merged', file));
      const all = await embedder.embed(images);
      await embedder.close();
      const vectors = images.map((_, n) => [...all.subarray(16 * n, 16 * (n + 1))]);
      return spreadOf(vectors.map((vector) => away(vector, vectors)));
    };
    expect(await directions('model.onnx')).toBeGreaterThan(1.5 * (await directions('trained.onnx')));

    const before = bytes('merged', 'model.onnx');
    await run('merged', { change, resume: true });
    expect(bytes('merged', 'model.onnx').equals(before)).toBe(true);
  });

  it('does nothing but the end, if no step is asked for: the model it starts from, with deviations beside the means it reads', async () => {
    const architecture = { ...config.architecture, middleGrids: [[1, 2]] as [number, number][] };
    await run('means', { change: { architecture, steps: 1 } });
    const init = join(folder, 'means', 'model.onnx');
    const change = { architecture: { ...architecture, deviations: true }, steps: 0, featureShare: 0.75, careful: true };
    const { eer, progress } = await run('end', { init, change });
    expect(progress).toMatchObject({ step: 0, finished: true, best: { step: 0 } });
    const [before, trained, model, two] = ['means/model', 'end/trained', 'end/model', 'end/careful'].map((file) =>
      decodeModel(bytes(`${file}.onnx`)),
    );
    expect(trained!.metadata.threshold.value).toBeCloseTo(before!.metadata.threshold.value, 5);
    expect(eer).toBe(model!.metadata.training.validationEer);
    const columns = (of: typeof model) => of!.weights.get('head.weight')!.shape[1]!;
    const added = columns(trained) - columns(before);
    expect(added).toBe(2 * before!.weights.get('conv_pw_11.bias')!.data.length);
    for (const [name, { data }] of model!.weights) {
      const kept = trained!.weights.get(name)!.data;
      if (!name.startsWith('head.')) expect(data).toEqual(kept);
      // Each file has the head of the views that it sees images in.
      else expect(two!.weights.get(name)!.data).not.toEqual(data);
    }
    const weight = model!.weights.get('head.weight')!.data;
    const ofDeviations = weight.filter((_, i) => i % columns(model) >= columns(before));
    expect(Math.hypot(...ofDeviations)).toBeGreaterThan(0.01 * Math.hypot(...weight));

    await expect(run('nothing', { change })).rejects.toThrow(/to take no step from .* has none/);

    const again = bytes('end', 'model.onnx');
    await run('end', { init, change, resume: true });
    expect(bytes('end', 'model.onnx').equals(again)).toBe(true);
  });

  it('ends earlier with a head that says of what is left what the whole network said, and may keep more of it', async () => {
    const architecture = {
      ...config.architecture,
      middleGrids: [[1, 4]] as [number, number][],
      fineGrids: [[1, 4]] as [number, number][],
    };
    await run('larger', { change: { architecture, steps: 1 } });
    const init = join(folder, 'larger', 'model.onnx');
    const change = {
      architecture: { ...architecture, poolingGrids: [], deviations: true },
      steps: 0,
      inheritHead: true,
    };
    const kept = { ...change, featureShare: 0.5, mergedSize: 8 };
    await run('shorter', { init, change: { ...kept, mapsTogether: true } });
    await run('apart', { init, change: kept });
    expect(bytes('shorter', 'trained.onnx').equals(bytes('apart', 'trained.onnx'))).toBe(true);
    expect(bytes('shorter', 'model.onnx').equals(bytes('apart', 'model.onnx'))).toBe(false);
    const [larger, trained, model] = ['larger/model', 'shorter/trained', 'shorter/model'].map((file) =>
      decodeModel(bytes(`${file}.onnx`)),
    );
    expect([...trained!.weights.keys()].filter((name) => !larger!.weights.has(name))).toEqual([]);
    expect(trained!.weights.has('conv_pw_12.weight')).toBe(false);
    for (const [name, { data }] of model!.weights) {
      if (!name.startsWith('head.')) expect(data).toEqual(larger!.weights.get(name)!.data);
    }
    expect(model!.metadata.architecture).toMatchObject({ poolingGrids: [], embeddingSize: 8 });

    await run('drawn', { init, change: { architecture: change.architecture, steps: 1, learningRate: 1e-9 } });
    const [whole, inherited, drawn] = await Promise.all(
      ['larger/model.onnx', 'shorter/trained.onnx', 'drawn/model.onnx'].map(told),
    );
    expect(correlation(whole!, inherited!)).toBeGreaterThan(0.4);
    expect(Math.abs(correlation(whole!, drawn!))).toBeLessThan(0.2);

    const refused = (of: object, from = init) =>
      expect(run('nothing', { init: from, change: { ...change, ...of } })).rejects;
    await refused({ inheritHead: false }).toThrow(/to take no step from .* has none/);
    await refused({ architecture: { ...change.architecture, embeddingSize: 12 } }).toThrow(
      /a head of 12 numbers from .* has a head of 16/,
    );
    await refused({}, join(folder, 'init.safetensors')).toThrow(/has no head/);
    const otherwise = { ...config.preprocess, canvas: { height: 64, width: 128 } };
    await refused({ preprocess: otherwise }).toThrow(/prepares images otherwise/);

    // As many features as before, of other regions: another head as well.
    const crossed = {
      ...change.architecture,
      poolingGrids: architecture.poolingGrids,
      deviations: false,
      middleGrids: [[2, 2]],
    };
    await refused({ inheritHead: false, architecture: crossed }).toThrow(/to take no step from .* has none/);
  });

  it('looks closer with the head it has, or with one that says of the larger image what that said of the smaller', async () => {
    await run('far', { change: { steps: 1 } });
    const init = join(folder, 'far', 'model.onnx');
    const closer = { architecture: { ...config.architecture, enlargement: 1.5 }, steps: 0 };
    await run('goes-on', { init, change: closer });
    await run('inherits', { init, change: { ...closer, inheritHead: true } });
    const [far, goesOn, inherits] = ['far', 'goes-on', 'inherits'].map((file) =>
      decodeModel(bytes(`${file}/model.onnx`)),
    );
    expect(goesOn!.weights).toEqual(far!.weights);
    const changed = [...inherits!.weights].filter(([name, { data }]) => {
      const before = far!.weights.get(name)!.data;
      return data.some((value, i) => value !== before[i]);
    });
    expect(changed.map(([name]) => name).sort()).toEqual(['head.bias', 'head.weight']);
    for (const { metadata } of [goesOn!, inherits!]) expect(metadata.architecture.enlargement).toBe(1.5);
  });

  it('inherits a head for columns laid along the ink', async () => {
    await run('upright', { change: { steps: 1 } });
    const init = join(folder, 'upright', 'model.onnx');
    const architecture = { ...config.architecture, columns: 'ink' as const };
    const along = { architecture, steps: 0 };
    await expect(run('drawn-anew', { init, change: along })).rejects.toThrow(/to take no step from .* has none/);
    await run('along', { init, change: { ...along, inheritHead: true } });
    const { metadata, weights } = decodeModel(bytes('along/model.onnx'));
    expect(metadata.architecture.columns).toBe('ink');
    const { weights: before } = decodeModel(bytes('upright/model.onnx'));
    for (const [name, { data }] of weights) {
      if (!name.startsWith('head.')) expect(data).toEqual(before.get(name)!.data);
    }
    await run('another-head', { init, change: { architecture, steps: 1, learningRate: 1e-9 } });
    const [parent, heir, drawn] = await Promise.all(
      ['upright/model.onnx', 'along/model.onnx', 'another-head/model.onnx'].map(told),
    );
    expect(correlation(parent!, heir!)).toBeGreaterThan(0.4);
    expect(Math.abs(correlation(parent!, drawn!))).toBeLessThan(0.2);
  });

  it('with a head that inherits, equals the run that was not stopped, and wants the start that it inherits from', async () => {
    await run('parent', { change: { steps: 1 } });
    const init = join(folder, 'parent', 'model.onnx');
    const architecture = { ...config.architecture, poolingGrids: [], middleGrids: [[1, 2]] as [number, number][] };
    const change = { architecture, inheritHead: true, startShare: 0.5, steps: 4 };
    await run('heir', { init, change });
    const stop = ({ step }: { step: number }) => {
      if (step === 3) throw new Error('stopped');
    };
    await expect(run('heir-stopped', { init, change, listener: { onStep: stop } })).rejects.toThrow('stopped');

    await run('uncle', { change: { steps: 1, whiteningShare: 0.5 } }); // another head on the same backbone
    const elsewhere = run('heir-stopped', { init: join(folder, 'uncle', 'model.onnx'), change, resume: true });
    await expect(elsewhere).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
    await run('heir-stopped', { init, change, resume: true });
    expect(bytes('heir-stopped', 'model.onnx').equals(bytes('heir', 'model.onnx'))).toBe(true);
  });

  it('whitens the head, if asked to, and leaves all else of the weights', async () => {
    const change = { whiteningShare: 0.9 };
    const { eer } = await run('white', { change });
    const [model, trained] = ['model.onnx', 'trained.onnx'].map((file) => decodeModel(bytes('white', file)));
    expect(bytes('white', 'trained.onnx').equals(bytes('whole', 'model.onnx'))).toBe(true);
    for (const [name, { data }] of model!.weights) {
      const before = trained!.weights.get(name)!.data;
      if (name.startsWith('head.')) expect(data).not.toEqual(before);
      else expect(data).toEqual(before);
    }
    const { whitened } = JSON.parse(bytes('white', 'run.json').toString());
    expect(whitened).toEqual({ whiteningShare: 0.9, eer });
    expect(eer).toBe(model!.metadata.training.validationEer);

    // In how many directions signatures of one writer differ.
    const held = new Set(model!.metadata.calibration!.writers);
    const samples = (await openDataset(data)).samples.filter(
      ({ writer, kind }) => kind === 'genuine' && !held.has(`data/${writer}`),
    );
    const { images } = await loadPreprocessed(samples, config.preprocess);
    const directions = async (file: string) => {
      const embedder = await openEmbedder(join(folder, 'white', file));
      const all = await embedder.embed(images);
      await embedder.close();
      const vectors = samples.map((_, n) => [...all.subarray(16 * n, 16 * (n + 1))]);
      return spreadOf(
        vectors.map((vector, n) => {
          const own = vectors.filter((_, m) => samples[m]!.writer === samples[n]!.writer);
          return away(vector, own);
        }),
      );
    };
    expect(await directions('model.onnx')).toBeGreaterThan(1.5 * (await directions('trained.onnx')));

    // Averaged first, whitened then; the model of two views has the same weights.
    await run('white-between', { change: { ...change, startShare: 0.25, careful: true } });
    const [white, two] = ['model.onnx', 'careful.onnx'].map(
      (file) => decodeModel(bytes('white-between', file)).weights,
    );
    expect(two).toEqual(white);
    for (const [name, { data }] of white!) {
      if (name.startsWith('head.')) continue;
      const average = aQuarterBack(trained!.weights, name);
      expect(Math.max(...data.map((value, i) => Math.abs(value - average[i]!)))).toBeLessThan(1e-5);
    }
    const [head, average] = [white!.get('head.weight')!.data, aQuarterBack(trained!.weights, 'head.weight')];
    expect(Math.hypot(...head)).toBeCloseTo(Math.hypot(...average), 3);
    expect(Math.max(...head.map((value, i) => Math.abs(value - average[i]!)))).toBeGreaterThan(0.01);

    const before = bytes('white', 'model.onnx');
    await run('white', { change, resume: true });
    expect(bytes('white', 'model.onnx').equals(before)).toBe(true);
  });

  describe('with a radius', () => {
    const [witness, plain] = [join(folder, 'witness.onnx'), join(folder, 'plain.safetensors')];
    const change = { radiusShare: 0.4 };
    const tell = (training: Parameters<typeof writeTinyModel>[2], canvas = config.preprocess.canvas) =>
      writeTinyModel(witness, 0.8, training, { canvas });

    it('gives embeddings a norm by what a witness says, and leaves their direction', async () => {
      tell({ datasets: ['elsewhere'] });
      const { eer } = await run('radius', { change, witness });
      const [model, trained] = ['model.onnx', 'trained.onnx'].map((file) => decodeModel(bytes('radius', file)));
      expect(bytes('radius', 'trained.onnx').equals(bytes('whole', 'model.onnx'))).toBe(true);
      expect([model!.metadata.architecture.radius, trained!.metadata.architecture.radius]).toEqual([true, false]);
      const { samples } = await openDataset(data);
      const { images } = await loadPreprocessed(samples, config.preprocess);
      const [rows, directions] = await Promise.all(
        ['model.onnx', 'trained.onnx'].map(async (file) => {
          const embedder = await openEmbedder(join(folder, 'radius', file));
          const all = await embedder.embed(images);
          await embedder.close();
          return images.map((_, n) => all.subarray(16 * n, 16 * (n + 1)));
        }),
      );
      const { data: slope } = model!.weights.get('head.radius.weight')!;
      const offset = model!.weights.get('head.radius.bias')!.data[0]!;
      const logarithms = rows!.map((row, n) => {
        const [u, norm] = [directions![n]!, Math.hypot(...row)];
        expect(Math.max(...row.map((value, k) => Math.abs(value / norm - u[k]!)))).toBeLessThan(1e-5);
        const expected = offset + 4 * u.reduce((sum, value, k) => sum + value * slope[k]!, 0);
        expect(Math.log(norm)).toBeCloseTo(expected, 4);
        return Math.log(norm);
      });
      expect(Math.max(...logarithms) - Math.min(...logarithms)).toBeGreaterThan(0.01);
      const record = JSON.parse(bytes('radius', 'run.json').toString());
      expect(record.witness).toBe(readModelMetadata(readFileSync(witness)).id);
      expect(record.radius).toEqual({
        radiusShare: 0.4,
        writers: 4,
        eer: model!.metadata.training.validationEer,
      });
      expect(eer).toBe(model!.metadata.training.validationEer);
      // What a witness learnt from has a part in the radius, and in nothing before it.
      const ancestries = [model, trained].map((one) => one!.metadata.training.ancestry);
      expect(ancestries).toEqual([[{ dataset: 'elsewhere', protocol: null }], []]);
      // It is the end alone that is done again where a run goes on after its end, and to the same bytes.
      const before = bytes('radius', 'model.onnx');
      await run('radius', { change, witness, resume: true });
      expect(bytes('radius', 'model.onnx').equals(before)).toBe(true);
      // By another share it would have been another run, as by another witness.
      const mismatch = { code: 'CHECKPOINT_MISMATCH' };
      await expect(run('whole', { change, witness, resume: true })).rejects.toMatchObject(mismatch);
      await expect(run('radius', { resume: true })).rejects.toMatchObject(mismatch);
      tell({ seed: 2 });
      await expect(run('radius', { change, witness, resume: true })).rejects.toMatchObject(mismatch);
    });

    it('makes one threshold for all writers err less, by the share that is asked for', async () => {
      // As its own witness, who says not to have learnt from them, and with all that it says.
      const self = join(folder, 'self.onnx');
      const { schema: _, id: __, ...facts } = readModelMetadata(bytes('whole', 'model.onnx'));
      const stranger = { ...facts, training: { ...facts.training, datasets: [], ancestry: [] } };
      writeFileSync(self, replaceFacts(bytes('whole', 'model.onnx'), stranger));
      const slopes: Float32Array[] = [];
      for (const [out, radiusShare] of [
        ['all', 1],
        ['half', 0.5],
      ] as const) {
        await run(out, { change: { radiusShare, startShare: 0, careful: true }, witness: self });
        slopes.push(decodeModel(bytes(out, 'model.onnx')).weights.get('head.radius.weight')!.data);
      }
      slopes[0]!.forEach((value, k) => {
        expect(slopes[1]![k]).toBeCloseTo(value / 2, 5);
      });
      await run('both', { change: { radiusShare: 1, startShare: 0.25 }, witness: self });
      await run('averaged', { change: { startShare: 0.25 } });
      const [both, averaged] = ['both', 'averaged'].map((out) => decodeModel(bytes(out, 'model.onnx')).weights);
      expect(both!.get('head.weight')).toEqual(averaged!.get('head.weight'));
      expect(both!.get('head.radius.weight')!.data).not.toEqual(slopes[0]);
      const careful = decodeModel(bytes('all', 'careful.onnx'));
      expect([careful.metadata.views, careful.metadata.architecture.radius]).toEqual([2, true]);
      expect(careful.weights.get('head.radius.weight')!.data).toEqual(slopes[0]);

      const held = new Set(readModelMetadata(bytes('all', 'model.onnx')).calibration!.writers);
      const samples = (await openDataset(data)).samples.filter(({ writer }) => !held.has(`data/${writer}`));
      const { images } = await loadPreprocessed(samples, config.preprocess);
      const look = async (file: string) => {
        const embedder = await openEmbedder(join(folder, file));
        const embeddings = await embedder.embed(images);
        await embedder.close();
        const norms = images.map((_, n) => Math.log(Math.hypot(...embeddings.subarray(16 * n, 16 * (n + 1)))));
        const all = { samples, embeddings, dimension: 16 };
        const forged = [skilledForgeryPairs(all), randomForgeryPairs(all, new Rng(0), 2)];
        const auc = areaUnderCurve(
          genuinePairs(all).distance,
          Float32Array.from(forged.flatMap(({ distance }) => [...distance])),
        );
        return { norms, auc };
      };
      const [before, after] = [await look('whole/model.onnx'), await look('all/model.onnx')];
      expect(after.auc).toBeGreaterThan(before.auc + 0.03);
      // All development images were looked at, so their norms are 1 in the mean.
      expect(after.norms.reduce((sum, value) => sum + value, 0) / images.length).toBeCloseTo(0, 4);
    });

    it('goes on from a model with one, and leaves it as it is', async () => {
      tell({});
      await run('radius', { change, witness });
      const from = join(folder, 'radius', 'model.onnx');
      const { weights, metadata } = decodeModel(readFileSync(from));
      await run('onwards', { change: { architecture: metadata.architecture, steps: 3 }, init: from });
      const onwards = decodeModel(bytes('onwards', 'model.onnx'));
      for (const name of ['head.radius.weight', 'head.radius.bias'])
        expect(onwards.weights.get(name)).toEqual(weights.get(name));
      expect(onwards.weights.get('head.weight')).not.toEqual(weights.get('head.weight'));
      const white = { whiteningShare: 0.5, architecture: metadata.architecture, steps: 3 };
      await run('anew', { change: { ...change, ...white }, init: from, witness });
      const [anew, before] = ['model.onnx', 'trained.onnx'].map((file) => decodeModel(bytes('anew', file)).weights);
      expect(before!.get('head.radius.weight')).toEqual(weights.get('head.radius.weight'));
      expect(anew!.get('head.radius.weight')).not.toEqual(weights.get('head.radius.weight'));
      // The radius is read off whitened embeddings then, and an old one would be of others.
      await expect(run('whiter', { change: white, init: from })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });

    it('is read off embeddings that keep more of the features, in more numbers', async () => {
      tell({});
      const wide = { ...change, whiteningShare: 0.5, featureShare: 0.75, mergedSize: 24, careful: true };
      await run('wide', { change: wide, witness });
      const { images } = await loadPreprocessed((await openDataset(data)).samples.slice(0, 2), config.preprocess);
      for (const [file, dimension] of Object.entries({ 'trained.onnx': 16, 'model.onnx': 24, 'careful.onnx': 48 })) {
        const embedder = await openEmbedder(join(folder, 'wide', file));
        expect((await embedder.embed(images)).length / images.length).toBe(dimension);
        await embedder.close();
      }
      const { weights, metadata } = decodeModel(bytes('wide', 'model.onnx'));
      expect(metadata.architecture).toEqual({ ...config.architecture, embeddingSize: 24, radius: true });
      expect(weights.get('head.radius.weight')!.shape).toEqual([24]);
      const { whitened, merged, radius, careful } = JSON.parse(bytes('wide', 'run.json').toString());
      const { eer } = radius;
      expect([whitened, merged]).toEqual([
        { whiteningShare: 0.5, eer },
        { featureShare: 0.75, mergedSize: 24, eer },
      ]);
      expect(careful.eer).toBe(decodeModel(bytes('wide', 'careful.onnx')).metadata.training.validationEer);
      const before = ['model.onnx', 'careful.onnx'].map((file) => bytes('wide', file));
      await run('wide', { change: wide, witness, resume: true });
      expect(['model.onnx', 'careful.onnx'].map((file) => bytes('wide', file))).toEqual(before);
    });

    it('refuses a witness that cannot be one before anything is learnt', async () => {
      const refused = async (path: string | undefined, what: RegExp, from?: string) => {
        const more = { ...(path && { witness: path }), ...(from && { data: from }) };
        const failure = await run('no-radius', { change, ...more }).catch((error) => error);
        expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(what) });
        expect(existsSync(join(folder, 'no-radius', 'run.json'))).toBe(false);
      };
      await refused(undefined, /wants a --witness/);
      writeFileSync(plain, bytes('init.safetensors'));
      await refused(plain, /holds weights alone/);
      tell({}, { height: 64, width: 128 });
      await refused(witness, /prepares images as this run does/);
      tell({ datasets: ['data'] });
      await refused(witness, /has learnt from data/);
      // Genuine signatures of different people, each forged by a copy.
      tell({});
      const absurd = join(folder, 'absurd');
      for (let writer = 1; writer <= 6; writer++) {
        for (let n = 1; n <= 4; n++) {
          const source = join(data, `w000${((writer + n) % 6) + 1}`, 'genuine', `00${n}.png`);
          for (const kind of ['genuine', 'forged']) cpSync(source, join(absurd, `w000${writer}`, kind, `00${n}.png`));
        }
      }
      await refused(witness, /genuine signatures lie nearer than forged ones/, absurd);
    });
  });

  it('learns, if asked to, the distances that its start has with two views of each image', async () => {
    const pool = new WorkerPool(2);
    try {
      const { samples } = await openDataset(data);
      const { images } = await loadPreprocessed(samples.slice(0, 12), config.preprocess);
      const teacher = await openViews(pool, config, randomWeights(config.architecture, new Rng(1)), TWO_VIEWS);
      const taught = euclideanDistances(await teacher.embed(images), teacher.dimension);
      const differenceAfter = async (distillation: number) => {
        const out = `distillation-${distillation}`;
        const change = { distillation, steps: 40, validateEvery: 40, emaDecay: 0, augment: NO_AUGMENTATION };
        await run(out, { change: { ...change, learningRate: 2e-3 } });
        const { weights } = decodeModel(bytes(out, 'model.onnx'));
        const engine = await GradientEngine.create(pool, config.architecture, config.preprocess.canvas, weights);
        const distances = euclideanDistances(await engine.embed(images), engine.dimension);
        return distances.reduce((sum, distance, pair) => sum + Math.abs(distance - taught[pair]!), 0);
      };
      expect(await differenceAfter(100)).toBeLessThan(0.5 * (await differenceAfter(0)));
    } finally {
      await pool.close();
    }
  }, 300_000);

  it('with a teacher and imitations, equals the run that was not stopped', async () => {
    const augment = { ...config.augment, rotationDegrees: 4, shear: 0.1, handWarp: 0.5 };
    const change = { distillation: 3, imitated: 0.5, augment };
    await run('taught', { change });
    const stop = ({ step }: { step: number }) => {
      if (step === 5) throw new Error('stopped');
    };
    await expect(run('stopped', { change, listener: { onStep: stop } })).rejects.toThrow('stopped');
    await run('stopped', { change, resume: true });
    expect(bytes('stopped', 'model.onnx').equals(bytes('taught', 'model.onnx'))).toBe(true);
    expect(bytes('taught', 'model.onnx').equals(bytes('whole', 'model.onnx'))).toBe(false);

    // What has ended gets its two views afterwards, from the start it had and no other.
    await run('stopped', { change: { ...change, careful: true }, resume: true });
    expect(existsSync(join(folder, 'stopped', 'careful.onnx'))).toBe(true);
    const other = { config: { ...config, ...change }, data: [data], resume: true };
    const elsewhere = runTraining({
      ...other,
      init: join(folder, 'whole', 'model.onnx'),
      out: join(folder, 'stopped'),
    });
    await expect(elsewhere).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
  });

  it('has no teacher without a head', async () => {
    const weights = new Map(
      [...randomWeights(config.architecture, new Rng(1))].filter(([name]) => !name.startsWith('head.')),
    );
    const headless = join(folder, 'headless.safetensors');
    writeFileSync(headless, encodeSafetensors(weights));
    const options = { data: [data], init: headless, out: join(folder, 'headless') };
    const untaught = runTraining({ ...options, config: { ...config, distillation: 1 } });
    await expect(untaught).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('--distillation'),
    });
  });

  it('with trained batch norm, writes a model like any other, and keeps running statistics in the checkpoint', async () => {
    const [folded, trained] = ['whole', 'whole-trained'].map((out) => decodeModel(bytes(out, 'model.onnx')));
    expect([...trained!.weights.keys()]).toEqual([...folded!.weights.keys()]);
    expect(trained!.metadata.architecture).toEqual(folded!.metadata.architecture);
    const { groups } = await loadCheckpoint(join(folder, 'whole-trained', 'checkpoint.safetensors'));
    expect(groups.weights!.has('conv1.scale')).toBe(true);
    expect(groups.statistics!.get('conv1.variance')!.data.every((value) => value >= 0)).toBe(true);
  });

  it.each(FORMS)(
    'repeats bit for bit with the same seed, on any number of workers, batch norm %s',
    async (form, whole) => {
      const [again, alone] = [`again-${form}`, `alone-${form}`];
      await run(again, { change: { batchNorm: form } });
      expect(bytes(again, 'model.onnx').equals(bytes(whole, 'model.onnx'))).toBe(true);
      expect(bytes(again, 'checkpoint.safetensors').equals(bytes(whole, 'checkpoint.safetensors'))).toBe(true);
      await run(alone, { change: { batchNorm: form, workers: 2 } });
      expect(bytes(alone, 'model.onnx').equals(bytes(whole, 'model.onnx'))).toBe(true);
    },
  );

  it.each(FORMS)(
    'learns: the loss falls when it sees the same few writers again and again, batch norm %s',
    async (batchNorm) => {
      const losses: number[] = [];
      await run(`longer-${batchNorm}`, {
        change: { batchNorm, steps: 80, loss: 'soft-margin', learningRate: 4e-3, augment: NO_AUGMENTATION },
        listener: { onStep: ({ loss }) => losses.push(loss) },
      });
      expect(meanOf(losses.slice(-10))).toBeLessThan(0.5 * meanOf(losses.slice(0, 10)));
    },
    180_000,
  );

  it.each(FORMS)(
    'killed with -9 in the middle and resumed, equals the run that was not, batch norm %s',
    async (batchNorm, whole) => {
      const killed = `killed-${batchNorm}`;
      const out = join(folder, killed);
      const configFlags = [
        ...['--architecture-backbone', 'mobilenet-v1'],
        ...['--architecture-width-multiplier', '0.1', '--architecture-embedding-size', '16'],
        ...['--preprocess-canvas-height', '64', '--preprocess-canvas-width', '96'],
        ...['--steps', '8', '--identities', '3', '--genuine', '2', '--forged', '2', '--warmup-steps', '2'],
        ...['--validation-writers', '2', '--validate-every', '3', '--checkpoint-every', '2', '--workers', '2'],
        ...['--batch-norm', batchNorm],
      ];
      const args = ['dist/cli/main.js', 'train', '--data', data, '--init', init, '--out', out, ...configFlags];
      const checkpoint = join(out, 'checkpoint.safetensors');
      /** @returns whether it was killed before it had finished: not where this process had to wait for so long */
      const kill = async () => {
        rmSync(out, { recursive: true, force: true });
        const child = spawn(process.execPath, args, { stdio: 'ignore' });
        const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
        while (!existsSync(checkpoint) && child.exitCode === null)
          await new Promise((resolve) => setImmediate(resolve));
        child.kill('SIGKILL');
        return (await ended) === 'SIGKILL' && !(await loadCheckpoint(checkpoint)).progress.finished;
      };
      let wasKilled = false;
      for (let attempt = 0; attempt < 5 && !wasKilled; attempt++) wasKilled = await kill();
      expect(wasKilled).toBe(true);

      await run(killed, { resume: true, change: { batchNorm } }); // with another --init it would be the same: the checkpoint knows its own
      expect(bytes(killed, 'model.onnx').equals(bytes(whole, 'model.onnx'))).toBe(true);
      expect(bytes(killed, 'checkpoint.safetensors').equals(bytes(whole, 'checkpoint.safetensors'))).toBe(true);
    },
  );

  it('refuses to resume from half a checkpoint, from none, and with another configuration', async () => {
    const whole = bytes('whole', 'checkpoint.safetensors');
    await expect(run('nowhere', { resume: true })).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    await run('half', { change: { steps: 2 } });
    writeFileSync(join(folder, 'half', 'checkpoint.safetensors'), whole.subarray(0, whole.length / 2));
    await expect(run('half', { resume: true })).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    await expect(run('whole', { resume: true, change: { steps: 9 } })).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    });
    await expect(run('whole', { resume: true, change: { batchNorm: 'trained' } })).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringContaining('batchNorm'),
    });
  });

  it('says so when all embeddings become equal', async () => {
    const weights = new Map(randomWeights(config.architecture, new Rng(1)));
    for (const [name, { shape, data: values }] of weights)
      weights.set(name, { shape, data: new Float32Array(values.length) });
    weights.set('head.bias', { shape: [16], data: new Float32Array(16).fill(1) });
    const dead = join(folder, 'dead.safetensors');
    writeFileSync(dead, encodeSafetensors(weights));
    const collapsing = runTraining({ config, data: [data], init: dead, out: join(folder, 'dead') });
    await expect(collapsing).rejects.toMatchObject({ code: 'TRAINING_COLLAPSED' });
  });

  it('starts from a model file, and refuses weights of another architecture', async () => {
    const second = { config: { ...config, steps: 2 }, data: [data] };
    const start = join(folder, 'whole', 'model.onnx');
    let newHeads = 0;
    const listener = { onNewHead: () => newHeads++ };
    await runTraining({ ...second, init: start, out: join(folder, 'second'), listener });
    expect(newHeads).toBe(0);
    const { training } = readModelMetadata(bytes('second', 'model.onnx'));
    expect(training.ancestry).toEqual([{ dataset: 'data', protocol: null }]); // what it learnt from is not forgotten
    const elsewhere = join(folder, 'elsewhere');
    await synthesizeDataset(elsewhere, { writers: 5, genuine: 4, forged: 4, seed: 6 });
    const both = { ...second, data: [data, elsewhere], config: { ...second.config, leaveOut: ['elsewhere'] } };
    const first = trainConfigSchema.parse({ ...both.config, validationWriters: 2 });
    rmSync(join(folder, 'apart'), { recursive: true, force: true });
    await runTraining({ ...both, config: first, init, out: join(folder, 'apart') });
    const apart = readModelMetadata(bytes('apart', 'model.onnx'));
    expect(apart.training).toMatchObject({ datasets: ['data'], validationWriters: 2 }); // of what is left out nothing is learnt
    expect(apart.threshold.source).toBe('equal error rate on 2 validation writers of data');
    // Writers that the start may have learnt from choose nothing.
    const seen = { ...second, config: { ...second.config, validationSeed: 7, validationWriters: 3 } };
    await expect(runTraining({ ...seen, init: start, out: join(folder, 'seen') })).rejects.toMatchObject({
      code: 'PROTOCOL_MISMATCH',
    });
    const shorter = { ...second.config, architecture: { ...config.architecture, embeddingSize: 8 } };
    const out = join(folder, 'shorter');
    rmSync(out, { recursive: true, force: true });
    await runTraining({ ...second, config: shorter, init: start, out, listener });
    expect(newHeads).toBe(1);
    const other = trainConfigSchema.parse({ ...second.config, architecture: { backbone: 'mobilenet-v2' } });
    const mismatched = runTraining({ ...second, config: other, init, out: join(folder, 'other') });
    await expect(mismatched).rejects.toMatchObject({ code: 'WEIGHTS_MISMATCH' });
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });
});
