/** The verifier on a network with random weights: what it makes of distances, whatever they are. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../core/rng.js';
import { drawSignature, type StrokeDrawing } from '../image/strokes.fixture.js';
import type { Fusion } from '../nn/calibration-metadata.js';
import { encodeModel, type ModelFacts, replaceFacts } from '../nn/model-file.js';
import { randomWeights } from '../nn/weights.js';
import { trainConfigSchema } from '../train/config.js';
import { distance } from './comparison.js';
import type { OperatingPointTarget } from './thresholds.js';
import { createVerifier, type Verifier, type VerifierOptions } from './verifier.js';

const { architecture, preprocess } = trainConfigSchema.parse({
  architecture: { widthMultiplier: 0.1, embeddingSize: 16 },
  preprocess: { canvas: { height: 64, width: 96 } },
});
const SIMILARITY = { slope: 8, intercept: -2 };

async function png(drawing: StrokeDrawing): Promise<Buffer> {
  const { data, width, height } = drawSignature(drawing);
  return sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}
const page = (level: number) =>
  sharp({ create: { width: 200, height: 100, channels: 3, background: { r: level, g: level, b: level } } })
    .png()
    .toBuffer();

let folder: string;
let model: string;
let verifier: Verifier;
/** Signatures of different looks: wide and narrow, thin and thick. */
let images: Buffer[];
let blank: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-verifier-'));
  model = join(folder, 'model.onnx');
  const metadata: Parameters<typeof encodeModel>[1] = {
    architecture,
    preprocess,
    views: 1,
    threshold: { value: 0.05, source: 'set by a test' },
    similarity: SIMILARITY,
    training: {
      ...{ datasets: [], developmentWriters: 0, validationWriters: 0, dataHash: '', seed: 1, step: 0 },
      ...{ loss: 'triplet', initialWeights: 'random', validationEer: 0.5, version: '0', protocols: [], ancestry: [] },
    },
  };
  await writeFile(model, encodeModel(randomWeights(architecture, new Rng(1)), metadata, 'tiny'));
  verifier = await createVerifier({ model });
  images = await Promise.all([
    png({}),
    png({ width: 500, height: 200, strokeWidthPx: 12 }),
    png({ strokeWidthPx: 2 }),
    png({ width: 300, height: 300, strokeWidthPx: 9 }),
  ]);
  blank = await page(255);
});
afterAll(async () => {
  await verifier.close();
  await rm(folder, { recursive: true });
});

describe('verify', () => {
  it('fuses references by the mean of their distances, recomputed by hand', async () => {
    const [questioned, ...references] = images as [Buffer, ...Buffer[]];
    const embedded = await Promise.all(images.map((image) => verifier.embed(image)));
    const byHand = embedded.slice(1).map((reference) => {
      let sum = 0;
      reference.forEach((value, k) => {
        sum += (value - embedded[0]![k]!) ** 2;
      });
      return Math.sqrt(sum);
    });
    const mean = (byHand[0]! + byHand[1]! + byHand[2]!) / 3;

    const result = await verifier.verify(references, questioned);
    byHand.forEach((expected, i) => {
      expect(result.perReference[i]!.distance).toBeCloseTo(expected, 5);
    });
    expect(mean).toBeGreaterThan(0.01);
    expect(result.distance).toBeCloseTo(mean, 5);
    expect(result.similarity).toBeCloseTo(100 / (1 + Math.exp(SIMILARITY.slope * mean + SIMILARITY.intercept)), 3);
    expect(result.referenceCount).toBe(3);
    expect(result.perReference.map(({ reference }) => reference)).toEqual(['#1', '#2', '#3']);
    expect(result.modelId).toBe(verifier.model.id);
    expect(result.quality).toMatchObject({ widthPx: 400, heightPx: 200, inverted: false });
  });

  it('does not depend on the order of the references', async () => {
    const pick = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(pick, fc.nat(3), async (order, questioned) => {
        const shuffled = await verifier.verify(
          order.map((i) => images[i]!),
          images[questioned]!,
        );
        const sorted = await verifier.verify(
          [...order].sort().map((i) => images[i]!),
          images[questioned]!,
        );
        expect(shuffled.distance).toBeCloseTo(sorted.distance!, 6);
        expect(shuffled.decision).toBe(sorted.decision);
      }),
      { numRuns: 12 },
    );
  });

  it('is symmetric for one reference, and 0 for the same image', async () => {
    const there = await verifier.verify([images[0]!], images[1]!);
    const back = await verifier.verify([images[1]!], images[0]!);
    expect(there.distance).toBeCloseTo(back.distance!, 6);
    const same = await verifier.verify([images[2]!], images[2]!);
    expect(same).toMatchObject({ decision: 'accept', distance: 0 });
  });

  it('accepts at the threshold and rejects above it, and says where the threshold comes from', async () => {
    const { distance: measured, ...ofModel } = await verifier.verify([images[0]!], images[1]!);
    expect(ofModel).toMatchObject({ threshold: 0.05, thresholdSource: 'set by a test' });
    for (const [threshold, decision] of [
      [measured! + 1e-4, 'accept'],
      [measured! - 1e-4, 'reject'],
    ] as const) {
      const strict = await createVerifier({ model, threshold });
      const result = await strict.verify([images[0]!], images[1]!);
      expect(result).toMatchObject({ decision, threshold, thresholdSource: 'given by the caller' });
      await strict.close();
    }
  });

  it('takes paths and bytes alike', async () => {
    const path = join(folder, 'signature.png');
    await writeFile(path, images[0]!);
    const result = await verifier.verify([path, images[0]!], path);
    expect(result.perReference.map(({ reference }) => reference)).toEqual([path, '#2']);
    expect(result.perReference.map(({ distance: measured }) => measured)).toEqual([0, 0]);
  });
});

describe('an operating point', () => {
  /** 30 writers: of each, 95 of 100 genuine pairs lie within 1.5 x `genuine`, 5 of 100 forged ones within half of it. */
  const calibrationAround = (genuine: number, fusion: Fusion = 'mean'): NonNullable<ModelFacts['calibration']> => ({
    writers: Array.from({ length: 30 }, (_, w) => `made-up/${w}`),
    fusion,
    references: [1, 2, 3].map((count) => ({
      count,
      slope: 4 * count,
      intercept: -2 * count,
      evidence: {
        distances: [0, genuine / 2, 1.5 * genuine, 2 * genuine],
        questioned: { genuine: 3000, skilled: 3000, random: 3000 },
        writers: Array.from({ length: 30 }, () => ({
          genuine: [0, 50, 95, 100],
          skilled: [0, 5, 50, 100],
          random: [0, 0, 50, 100],
        })),
      },
    })),
    logLikelihoodRatio: { low: -1, high: 1 },
  });
  const calibratedVerifier = async (calibration: ModelFacts['calibration'], options: VerifierOptions) => {
    const file = join(folder, 'calibrated.onnx');
    const { id: _id, schema: _schema, ...facts } = verifier.model;
    await writeFile(file, replaceFacts(await readFile(model), { ...facts, calibration }));
    return createVerifier({ model: file, ...options });
  };

  it('accepts, reviews or rejects by where the distance lies, and weighs it', async () => {
    const { distance: measured } = await verifier.verify([images[0]!], images[1]!);
    for (const [genuine, decision] of [
      [measured! * 4, 'accept'],
      [measured!, 'review'],
      [measured! / 4, 'reject'],
    ] as const) {
      const bank = await calibratedVerifier(calibrationAround(genuine), { operatingPoint: { far: 0.05, frr: 0.05 } });
      const result = await bank.verify([images[0]!], images[1]!);
      expect(result.decision).toBe(decision);
      expect(result.threshold).toBeCloseTo(genuine / 2, 9);
      expect(result.rejectAbove).toBeCloseTo(1.5 * genuine, 9);
      expect(result.thresholdSource).toBe(
        'FAR 5 % on skilled forgeries, FRR 5 %, on 30 calibration writers with one reference',
      );
      expect(result.logLikelihoodRatio).toBeCloseTo(-(4 * measured! - 2) / Math.LN10, 5);
      const three = await bank.verify([images[0]!, images[2]!, images[3]!], images[1]!);
      expect(three.thresholdSource).toContain('with 3 references');
      expect(three.logLikelihoodRatio).toBeCloseTo(
        Math.max(-1, Math.min(1, -(12 * three.distance! - 6) / Math.LN10)),
        5,
      );
      await bank.close();
    }
  });

  it('fuses by energy where the calibration does, and cuts where errors with so many references are equal', async () => {
    const embedded = await Promise.all(images.map((image) => verifier.embed(image)));
    const [questioned, ...references] = embedded as [Float32Array, Float32Array, Float32Array, Float32Array];
    const apart = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, k) => value - b[k]!));
    const mean = references.reduce((sum, reference) => sum + apart(reference, questioned) / 3, 0);
    const mutual = [apart(references[0]!, references[1]!), apart(references[0]!, references[2]!)];
    const between = (mutual[0]! + mutual[1]! + apart(references[1]!, references[2]!)) / 3;

    const bank = await calibratedVerifier(calibrationAround(0.5, 'energy'), {});
    const three = await bank.verify(images.slice(1), images[0]!);
    expect(three.distance).toBeCloseTo(mean - between / 2, 5);
    expect(three.perReference.map((row) => row.distance)).toEqual(
      references.map((reference) => expect.closeTo(apart(reference, questioned), 5)),
    );
    // FAR 5 % and FRR 50 % at 0.25, 50 % and 5 % at 0.75: equal half-way.
    expect(three.threshold).toBeCloseTo(0.5, 9);
    expect(three.thresholdSource).toBe('equal error rate on 30 calibration writers with 3 references');
    const one = await bank.verify([images[1]!], images[0]!);
    expect(one).toMatchObject({ threshold: 0.05, thresholdSource: 'set by a test' });
    expect(one.distance).toBeCloseTo(apart(references[0], questioned), 5);
    await bank.close();

    const byMean = await calibratedVerifier(calibrationAround(0.5), {});
    const fused = await byMean.verify(images.slice(1), images[0]!);
    expect(fused).toMatchObject({ threshold: 0.05, thresholdSource: 'set by a test' });
    expect(fused.distance).toBeCloseTo(mean, 5);
    await byMean.close();
  });

  it('is refused without a calibration, beside a threshold, and where it cannot be promised', async () => {
    const compare = async (calibration: ModelFacts['calibration'], operatingPoint: OperatingPointTarget) => {
      const bank = await calibratedVerifier(calibration, { operatingPoint });
      return bank.verify([images[0]!], images[1]!).finally(() => bank.close());
    };
    await expect(compare(undefined, { far: 0.01 })).rejects.toMatchObject({ code: 'TARGET_UNSUPPORTED' });
    const few = calibrationAround(0.5);
    await expect(compare(few, { far: 0.005 })).rejects.toMatchObject({ code: 'TARGET_UNSUPPORTED' });
    await expect(compare(few, {})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const both = createVerifier({ model, threshold: 0.5, operatingPoint: { far: 0.01 } });
    await expect(both).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('leaves a model without calibration as it was: one threshold, no likelihood ratio', async () => {
    const result = await verifier.verify([images[0]!], images[1]!);
    expect(result).toMatchObject({ threshold: 0.05, rejectAbove: 0.05, logLikelihoodRatio: null });
  });
});

describe('a comparison that cannot be decided', () => {
  it.each([
    ['IMAGE_BLANK', () => page(255)],
    ['IMAGE_SOLID', () => page(0)],
  ])('is inconclusive: the questioned image is %s', async (code, make) => {
    const questioned = await make();
    const result = await verifier.verify([images[0]!, questioned], questioned);
    expect(result).toMatchObject({ decision: 'inconclusive', distance: null, similarity: null, quality: null });
    expect(result.reason).toMatch(/^The questioned image shows no signature: /);
    expect(result.referenceCount).toBe(1);
    expect(result.perReference[0]).toMatchObject({ distance: null, quality: { widthPx: 400 } });
    expect(result.perReference[0]).not.toHaveProperty('problem');
    expect(result.perReference[1]).toMatchObject({ distance: null, quality: null, problem: { code } });
  });

  it('is inconclusive when no reference shows a signature', async () => {
    const result = await verifier.verify([blank, blank], images[0]!);
    expect(result).toMatchObject({ decision: 'inconclusive', reason: 'No reference shows a signature.' });
    expect(result).toMatchObject({ distance: null, referenceCount: 0, quality: { widthPx: 400 } });
  });

  it('does without a blank reference beside a good one', async () => {
    const alone = await verifier.verify([images[1]!], images[0]!);
    const beside = await verifier.verify([blank, images[1]!], images[0]!);
    expect(beside.referenceCount).toBe(1);
    expect(beside.distance).toBeCloseTo(alone.distance!, 6);
    expect(beside.decision).toBe(alone.decision);
  });
});

describe('what is refused', () => {
  it('is no reference, an unreadable image, and an image beyond the limits', async () => {
    await expect(verifier.verify([], images[0]!)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const letter = Buffer.from('Dear Sir or Madam,');
    await expect(verifier.verify([images[0]!], letter)).rejects.toMatchObject({ code: 'IMAGE_UNDECODABLE' });
    await expect(verifier.embed(blank)).rejects.toMatchObject({ code: 'IMAGE_BLANK' });
    const limited = await createVerifier({ model, limits: { maxPixels: 1000 } });
    await expect(limited.verify([images[0]!], images[0]!)).rejects.toMatchObject({ code: 'IMAGE_TOO_MANY_PIXELS' });
    await limited.close();
  });

  it.each([-0.1, 2.1, Number.NaN])('is a threshold of %d', async (threshold) => {
    await expect(createVerifier({ model, threshold })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is a file that is missing or no model', async () => {
    const none = join(folder, 'none.onnx');
    await expect(createVerifier({ model: none })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await writeFile(join(folder, 'letter.onnx'), 'Dear Sir or Madam,');
    const letter = createVerifier({ model: join(folder, 'letter.onnx') });
    await expect(letter).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});

describe('embeddings', () => {
  it('have length 1, and the same image the same one', async () => {
    const embedding = await verifier.embed(images[0]!);
    expect(embedding).toHaveLength(16);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
    expect(await verifier.embed(images[0]!)).toEqual(embedding);
  });

  it('have a distance that is symmetric, 0 to themselves, and obeys the triangle', () => {
    const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(vector, vector, vector, (...vectors) => {
        const [a, b, c] = vectors.map((values) => Float32Array.from(values)) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, a)).toBe(0);
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c) + 1e-6);
      }),
    );
    expect(distance(Float32Array.of(1, 0), Float32Array.of(0, 1))).toBeCloseTo(Math.SQRT2, 12);
    expect(() => distance(Float32Array.of(1, 0), Float32Array.of(1))).toThrow(/2 and 1 numbers/);
  });
});
