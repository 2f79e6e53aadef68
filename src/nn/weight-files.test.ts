import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type TensorProto, TensorProto_DataType } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { CountersignError } from '../core/errors.js';
import { Rng } from '../core/rng.js';
import { preprocessOptionsSchema } from '../image/options.js';
import { architectureSchema } from './architecture.js';
import type { CalibrationBlock } from './calibration-metadata.js';
import { equalizeHead } from './equalize-head.js';
import { decodeModel, decodeToTrain, encodeModel, encodeQuantizedModel, replaceFacts } from './model-file.js';
import { type ModelMetadata, readModelMetadata } from './model-metadata.js';
import { buildNetwork, EQUALISED } from './network.js';
import { activationsToQuantize } from './quantize.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import { decodeTfjsLayersModel } from './tfjs-layers.js';
import { adoptWeights, keepsHead, randomWeights, type Weights, type WeightTensor } from './weights.js';

const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof CountersignError) return error.code;
    throw error;
  }
  return 'no error';
};

const architecture = architectureSchema.parse({ widthMultiplier: 0.1, embeddingSize: 8, poolingGrids: [[1, 2]] });

describe('safetensors', () => {
  const tensors = new Map<string, WeightTensor>([
    ['a', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['b.bias', { shape: [1], data: Float32Array.of(-0.5) }],
  ]);
  const file = encodeSafetensors(tensors, { note: 'ä "quoted"' });

  it('round-trips, also from a Buffer that is a slice of a larger one', () => {
    const padded = Buffer.concat([Buffer.alloc(5), file]).subarray(5);
    for (const bytes of [file, padded]) {
      const { tensors: read, metadata } = decodeSafetensors(bytes);
      expect(read).toEqual(tensors);
      expect(metadata).toEqual({ note: 'ä "quoted"' });
    }
  });

  it('starts with the length of a JSON header, as the format says', () => {
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(JSON.parse(new TextDecoder().decode(file.slice(8, 8 + length))).a).toEqual({
      dtype: 'F32',
      shape: [2, 3],
      data_offsets: [0, 24],
    });
  });

  it('refuses a file cut anywhere, or with bytes behind its end', () => {
    for (let length = 0; length < file.length; length++) {
      expect(codeOf(() => decodeSafetensors(file.slice(0, length)))).toBe('WEIGHTS_INVALID');
    }
    expect(codeOf(() => decodeSafetensors(Buffer.concat([file, Buffer.alloc(4)])))).toBe('WEIGHTS_INVALID');
  });
});

describe('TFJS layers-model', () => {
  const manifest = (weights: unknown[]) => JSON.stringify({ weightsManifest: [{ paths: ['w.bin'], weights }] });
  const bytes = (values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

  it('reorders kernels: [h, w, in, out] to [out, in, h, w], depthwise, dense', async () => {
    const range = (count: number) => Array.from({ length: count }, (_, i) => i);
    const json = manifest([
      { name: 'c/kernel', shape: [1, 2, 2, 3], dtype: 'float32' },
      { name: 'd/depthwise_kernel', shape: [2, 1, 3, 1], dtype: 'float32' },
      { name: 'e/kernel', shape: [2, 3], dtype: 'float32' },
      { name: 'e/bias', shape: [3], dtype: 'float32' },
    ]);
    const weights = await decodeTfjsLayersModel(json, async () =>
      bytes([...range(12), ...range(6), ...range(6), 7, 8, 9]),
    );
    expect(weights.get('c.weight')).toEqual({
      shape: [3, 2, 1, 2],
      data: Float32Array.of(0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11),
    });
    expect(weights.get('d.weight')).toEqual({ shape: [3, 1, 2, 1], data: Float32Array.of(0, 3, 1, 4, 2, 5) });
    expect(weights.get('e.weight')).toEqual({ shape: [3, 2], data: Float32Array.of(0, 3, 1, 4, 2, 5) });
    expect(weights.get('e.bias')).toEqual({ shape: [3], data: Float32Array.of(7, 8, 9) });
  });

  it.each([
    ['text that is not JSON', 'nonsense'],
    ['JSON of something else', '{"a": 1}'],
    ['batch norm that is not folded', manifest([{ name: 'bn/gamma', shape: [1], dtype: 'float32' }])],
    ['a manifest whose binary is too short', manifest([{ name: 'c/kernel', shape: [9], dtype: 'float32' }])],
  ])('refuses %s', async (_what, json) => {
    await expect(decodeTfjsLayersModel(json, async () => bytes([1]))).rejects.toMatchObject({
      code: 'WEIGHTS_INVALID',
    });
  });
});

describe('weights to start from', () => {
  it('turn three colours into ink exactly: the same output for ink k as for grey 1 - 2 k', () => {
    const rng = new Rng(1);
    const source = new Map(randomWeights(architecture, rng));
    const colour: WeightTensor = { shape: [8, 3, 3, 3], data: Float32Array.from({ length: 216 }, () => rng.normal()) };
    const bias: WeightTensor = { shape: [8], data: Float32Array.from({ length: 8 }, () => rng.normal()) };
    source.set('Conv1.weight', colour).set('Conv1.bias', bias);
    const adopted = adoptWeights(architecture, source, rng);
    const ink = Float32Array.from({ length: 9 }, () => rng.uniform());
    for (let o = 0; o < 8; o++) {
      let before = bias.data[o]!;
      let after = adopted.get('Conv1.bias')!.data[o]!;
      for (let tap = 0; tap < 9; tap++) {
        for (let c = 0; c < 3; c++) before += colour.data[(o * 3 + c) * 9 + tap]! * (1 - 2 * ink[tap]!);
        after += adopted.get('Conv1.weight')!.data[o * 9 + tap]! * ink[tap]!;
      }
      expect(after).toBeCloseTo(before, 4);
    }
  });

  it('give a head of another size a random start, and keep the backbone', () => {
    const source = randomWeights(architecture, new Rng(2));
    const other = architectureSchema.parse({ ...architecture, embeddingSize: 16 });
    const adopted = adoptWeights(other, source, new Rng(3));
    expect(adopted.get('head.weight')!.shape[0]).toBe(16);
    expect(adopted.get('block_1_expand.weight')!.data).toEqual(source.get('block_1_expand.weight')!.data);
  });

  it('keep a radius with the head that it is of, and no longer', () => {
    const withRadius = { ...architecture, radius: true };
    const source = randomWeights(withRadius, new Rng(6));
    source.get('head.radius.weight')!.data.fill(0.3);
    const radiusIn = (adopted: ReadonlyMap<string, WeightTensor>) => adopted.get('head.radius.weight')?.data[0];
    expect(radiusIn(adoptWeights(withRadius, source, new Rng(3)))).toBeCloseTo(0.3, 6);
    expect(radiusIn(adoptWeights(architecture, source, new Rng(3)))).toBeUndefined();
    const grids: [number, number][] = [[1, 1]];
    expect(radiusIn(adoptWeights({ ...withRadius, poolingGrids: grids }, source, new Rng(3)))).toBe(0);
  });

  it('go on with a head of means where it is to read deviations too, which have no say yet', () => {
    const means = { ...architecture, middleGrids: [[1, 2]], radius: true } as typeof architecture;
    const source = randomWeights(means, new Rng(7));
    const adopted = adoptWeights({ ...means, deviations: true }, source, new Rng(8));
    expect(keepsHead(source, adopted)).toBe(true);
    const [before, after] = [source, adopted].map((weights) => weights.get('head.weight')!);
    const [few, all] = [before!.shape[1]!, after!.shape[1]!];
    expect(all).toBeGreaterThan(few);
    for (let k = 0; k < before!.shape[0]!; k++) {
      const row = after!.data.subarray(k * all, (k + 1) * all);
      expect(row.subarray(0, few)).toEqual(before!.data.subarray(k * few, (k + 1) * few));
      expect(row.subarray(few).every((value) => value === 0)).toBe(true);
    }
    for (const name of ['head.bias', 'head.radius.weight']) expect(adopted.get(name)).toEqual(source.get(name));

    const back = adoptWeights(means, adopted, new Rng(9));
    expect(keepsHead(adopted, back)).toBe(false);
    expect(keepsHead(new Map(), adopted)).toBe(false);
  });

  it('let a network end before the maps that no head reads, and keep what lies before that', () => {
    const grids = (rows: number, columns: number): [number, number][] => [[rows, columns]];
    const whole = { ...architecture, middleGrids: grids(1, 2), fineGrids: grids(1, 1), deviations: true };
    const source = randomWeights(whole, new Rng(10));
    const endsIn = (of: Partial<typeof architecture>) => {
      const adopted = adoptWeights({ ...whole, ...of }, source, new Rng(11));
      expect(keepsHead(source, adopted)).toBe(false);
      const backbone = [...adopted.keys()].filter((name) => !name.startsWith('head.'));
      for (const name of backbone) expect(adopted.get(name)).toBe(source.get(name));
      return backbone.at(-1);
    };
    expect(endsIn({ poolingGrids: [] })).toBe('block_12_project.bias');
    expect(endsIn({ poolingGrids: [], middleGrids: [] })).toBe('block_5_project.bias');
    expect(endsIn({ fineGrids: [] })).toBe('block_16_project.bias');

    const first = { ...whole, backbone: 'mobilenet-v1' as const, poolingGrids: [] };
    expect([...randomWeights(first, new Rng(12)).keys()].filter((name) => !name.startsWith('head.')).at(-1)).toBe(
      'conv_pw_11.bias',
    );

    const parse = (of: object) => architectureSchema.parse({ poolingGrids: [], ...of });
    expect(() => parse({})).toThrow(/one at least must not be empty/);
    expect(() => parse({ fineGrids: [[1, 1]], lastConvolution: true })).toThrow(/which poolingGrids leaves out/);
  });

  it('refuse those of another architecture, naming the first parameter that does not fit', () => {
    const source = randomWeights(
      architectureSchema.parse({ backbone: 'mobilenet-v1', widthMultiplier: 0.1 }),
      new Rng(4),
    );
    expect(() => adoptWeights(architecture, source, new Rng(5))).toThrow(/mobilenet-v2 needs Conv1.weight/);
    expect(codeOf(() => adoptWeights(architecture, source, new Rng(5)))).toBe('WEIGHTS_MISMATCH');
  });
});

describe('model file', () => {
  const metadata: Omit<ModelMetadata, 'id' | 'schema'> = {
    architecture,
    preprocess: preprocessOptionsSchema.parse({ canvas: { height: 64, width: 96 } }),
    views: 1,
    threshold: { value: 0.8, source: 'a test' },
    similarity: { slope: 9, intercept: -7 },
    training: {
      datasets: ['synthetic'],
      developmentWriters: 3,
      validationWriters: 2,
      dataHash: 'abc',
      seed: 1,
      step: 10,
      loss: 'triplet',
      initialWeights: 'random',
      validationEer: 0.25,
      version: '0.0.0',
      protocols: [],
      ancestry: [],
    },
  };
  const weights = randomWeights(architecture, new Rng(6));
  const file = encodeModel(weights, metadata, 'test');

  it('round-trips weights and metadata, with an id from the weights', () => {
    const model = decodeModel(Buffer.concat([Buffer.alloc(3), file]).subarray(3));
    expect(model.weights).toEqual(weights);
    expect(model.metadata).toMatchObject(metadata);
    expect(model.metadata.id).toMatch(/^test-[0-9a-f]{12}$/);
    expect(readModelMetadata(encodeModel(weights, metadata, 'test')).id).toBe(model.metadata.id);
    const others = randomWeights(architecture, new Rng(7));
    expect(readModelMetadata(encodeModel(others, metadata, 'test')).id).not.toBe(model.metadata.id);
  });

  it('opens without a calibration, as older files are, and takes one: the same weights, another id', () => {
    expect(decodeModel(file).metadata.calibration).toBeUndefined();
    const counts = { genuine: [1, 2], skilled: [0, 3], random: [0, 4] };
    const questioned = { genuine: 2, skilled: 3, random: 4 };
    const evidence = { distances: [0.1, 0.6], questioned, writers: [counts] };
    const calibration = {
      writers: ['set/1'],
      fusion: 'mean' as const,
      references: [{ count: 1, slope: 9, intercept: -7, evidence }],
      logLikelihoodRatio: { low: -1, high: 1.5 },
    };
    const calibrated = decodeModel(replaceFacts(file, { ...metadata, calibration }));
    expect(calibrated.weights).toEqual(weights);
    expect(calibrated.metadata).toMatchObject({ ...metadata, calibration });
    expect(calibrated.metadata.id).toMatch(/^test-[0-9a-f]{12}$/);
    expect(calibrated.metadata.id).not.toBe(decodeModel(file).metadata.id);
    const [reference] = calibration.references;
    for (const wrong of [{ writers: [{ ...counts, skilled: [3] }] }, { distances: [0.6, 0.1] }]) {
      const references = [{ ...reference!, evidence: { ...evidence, ...wrong } }];
      const broken = replaceFacts(file, { ...metadata, calibration: { ...calibration, references } });
      expect(codeOf(() => decodeModel(broken))).toBe('MODEL_INVALID');
    }
  });

  it('says how a calibration fuses several references: by the mean where it is of a version that does not say', () => {
    const counts = { genuine: [1, 2], skilled: [0, 3], random: [0, 4] };
    const evidence = {
      distances: [0.1, 0.6],
      questioned: { genuine: 2, skilled: 3, random: 4 },
      writers: [counts],
    };
    const fitFor = (count: number) => ({ count, slope: 9, intercept: -7, evidence });
    const block = {
      writers: ['set/1'],
      references: [fitFor(1), fitFor(3)],
      logLikelihoodRatio: { low: -1, high: 1.5 },
    };
    const read = (calibration: object) =>
      decodeModel(replaceFacts(file, { ...metadata, calibration: calibration as CalibrationBlock })).metadata;
    expect(read(block).calibration!.fusion).toBe('mean');
    // Of two references energy would be held against a fit for one, where it is on another scale.
    expect(codeOf(() => read({ ...block, fusion: 'energy' }))).toBe('MODEL_INVALID');
    const references = [fitFor(1), fitFor(2), fitFor(3)];
    expect(read({ ...block, fusion: 'energy', references }).calibration!.fusion).toBe('energy');
  });

  it('is read back from 8-bit integers within half a step, biases too; what is missing, cut off or of another type is refused', () => {
    const rng = new Rng(8);
    const biased = new Map(
      [...weights].map(([name, { shape, data }]) => [
        name,
        { shape, data: shape.length === 1 ? data.map(() => rng.normal()) : data },
      ]),
    );
    const network = buildNetwork(architecture, { batch: 1, ...metadata.preprocess.canvas }, EQUALISED);
    const equal = equalizeHead(
      biased,
      Array.from({ length: biased.get('head.weight')!.shape[1]! }, () => rng.normal()),
    );
    const ranges = new Map(activationsToQuantize(network.graph).map(({ name }) => [name, { min: -2, max: 6 }]));
    const quantization = { model: 'test-000000000000', dataset: 's', protocol: null, images: 1, seed: 1, version: '0' };
    const quantized = encodeQuantizedModel(equal, ranges, { ...metadata, quantization }, 'test');
    expect(codeOf(() => decodeModel(quantized))).toBe('MODEL_INVALID');

    const onnx = () => fromBinary(ModelProtoSchema, quantized);
    const scalesOf = new Map(onnx().graph!.initializer.map(({ name, rawData }) => [name, rawData] as const));
    const read = decodeToTrain(quantized).weights;
    expect([...read.keys()]).toEqual([...biased.keys()]);
    for (const [name, { shape, data }] of read) {
      const scales = new Float32Array(new Uint8Array(scalesOf.get(`${name}.scale`)!).buffer);
      const original = biased.get(name)!.data;
      const size = data.length / shape[0]!;
      if (name === 'head.bias') continue; // below
      const columns = name === 'head.weight' ? equal.get('head.equalization.scale')!.data : undefined;
      data.forEach((value, i) => {
        const step = scales[Math.floor(i / size)]! * (columns?.[i % size] ?? 1);
        expect(Math.abs(value - original[i]!)).toBeLessThanOrEqual(0.5001 * step + 1e-6);
      });
    }

    // Of features at their means the head says the same, as far as its weights are.
    const means = equal.get('head.equalization.shift')!.data.map((value) => -value);
    const said = (weights: Weights) => {
      const [weight, bias] = ['head.weight', 'head.bias'].map((name) => weights.get(name)!.data);
      return [...bias!].map((value, k) =>
        means.reduce((sum, mean, f) => sum + mean * weight![k * means.length + f]!, value),
      );
    };
    said(read).forEach((value, k) => {
      expect(value).toBeCloseTo(said(biased)[k]!, 2);
    });

    const broken = (change: (tensor: TensorProto) => void, name: string) => {
      const model = onnx();
      change(model.graph!.initializer.find((tensor) => tensor.name === name)!);
      return codeOf(() => decodeToTrain(toBinary(ModelProtoSchema, model)));
    };
    const lost = (tensor: TensorProto) => {
      tensor.name = 'other';
    };
    const cut = (tensor: TensorProto) => {
      tensor.rawData = tensor.rawData.slice(4);
    };
    const asFloats = (tensor: TensorProto) => {
      tensor.dataType = TensorProto_DataType.FLOAT;
    };
    const zeros = (tensor: TensorProto) => {
      tensor.rawData = new Uint8Array(tensor.rawData.length);
    };
    expect(broken(() => undefined, 'head.bias')).toBe('no error');
    for (const name of [
      'head.weight',
      'head.bias',
      'head.weight.scale',
      'head.equalization.shift',
      'head.equalization.scale',
    ]) {
      expect(broken(lost, name)).toBe('MODEL_INVALID');
      expect(broken(cut, name)).toBe('MODEL_INVALID');
    }
    for (const name of ['head.weight', 'head.bias']) expect(broken(asFloats, name)).toBe('MODEL_INVALID');
    expect(broken(zeros, 'head.weight.scale')).toBe('MODEL_INVALID');
  });

  it('refuses damaged files, other files, and models without our metadata', () => {
    expect(codeOf(() => decodeModel(file.slice(0, file.length / 2)))).toBe('MODEL_INVALID');
    expect(codeOf(() => decodeModel(new TextEncoder().encode('hello')))).toBe('MODEL_INVALID');
    expect(codeOf(() => decodeModel(new Uint8Array()))).toBe('MODEL_INVALID');
  });
});
