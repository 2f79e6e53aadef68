import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import { CountersignError } from '../core/errors.js';
import { writeFileAtomic } from '../data/atomic-file.js';
import type { Architecture } from '../nn/architecture.js';
import { buildImagenetClassifier } from '../nn/imagenet-classifier.js';
import { encodeSafetensors } from '../nn/safetensors.js';
import { serialize } from '../nn/serialize.js';
import { decodeTfjsLayersModel } from '../nn/tfjs-layers.js';
import { valuesOf, type Weights } from '../nn/weights.js';
import { WorkerPool } from '../runtime/pool.js';

export interface ImportedWeights {
  readonly backbone: Architecture['backbone'];
  readonly tensors: number;
  readonly values: number;
  readonly file: string;
}

/**
 * Reads a TFJS layers-model folder and writes its weights as safetensors.
 *
 * @throws CountersignError MODEL_NOT_FOUND, WEIGHTS_INVALID, WEIGHTS_MISMATCH (neither MobileNet V1 nor V2), WRITE_FAILED
 */
export async function importWeights(folder: string, outFile: string): Promise<ImportedWeights> {
  const weights = await readTfjsModel(join(folder, 'model.json'));
  const backbone = recognise(weights);
  await writeFileAtomic(outFile, encodeSafetensors(weights, { backbone, source: basename(folder) }));
  const values = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  return { backbone, tensors: weights.size, values, file: outFile };
}

export interface ImportCheck {
  readonly image: string;
  /** ImageNet class, 1 .. 1000; 0 is the background. */
  readonly class: number;
  readonly label: string;
  readonly probability: number;
  readonly featureMean: number;
  readonly featureNorm: number;
  readonly firstFeatures: readonly number[];
}

/**
 * Classifies photos with the imported weights and the ImageNet head beside them (`imagenet_head.json`).
 *
 * @param samples - folder of 224 x 224 photos; a file `imagenet_labels_1001.txt` in it names the classes
 * @throws CountersignError MODEL_NOT_FOUND, WEIGHTS_*, IMAGE_NOT_FOUND, IMAGE_UNDECODABLE
 */
export async function checkImport(folder: string, samples: string): Promise<ImportCheck[]> {
  const weights = new Map([
    ...(await readTfjsModel(join(folder, 'model.json'))),
    ...(await readTfjsModel(join(folder, 'imagenet_head.json'))),
  ]);
  const { graph, features, logits } = buildImagenetClassifier(recognise(weights));
  const model = serialize(graph, {
    outputs: { features, logits },
    weights: valuesOf(weights),
  });
  const files = await listFolder(samples);
  const labels = files.includes('imagenet_labels_1001.txt')
    ? (await readFile(join(samples, 'imagenet_labels_1001.txt'), 'utf8')).split('\n')
    : [];
  const pool = new WorkerPool(1);
  try {
    const session = await pool.open(model);
    const checks: ImportCheck[] = [];
    for (const image of files.filter((file) => file.endsWith('.png'))) {
      const feeds = { image: { data: await readPhoto(join(samples, image)), shape: [1, 3, 224, 224] } };
      const result = await pool.run(session, { feeds, outputs: ['features', 'logits'] });
      const probabilities = softmax(result.logits!.data);
      const best = probabilities.indexOf(Math.max(...probabilities));
      const values = result.features!.data;
      checks.push({
        image,
        class: best,
        label: labels[best] ?? '',
        probability: probabilities[best]!,
        featureMean: values.reduce((sum, value) => sum + value, 0) / values.length,
        featureNorm: Math.hypot(...values),
        firstFeatures: [...values.slice(0, 3)],
      });
    }
    return checks;
  } finally {
    await pool.close();
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw new CountersignError('IMAGE_NOT_FOUND', `--check: expected a folder of photos; ${folder} is none.`, {
      cause,
    });
  }
}

async function readTfjsModel(file: string) {
  let json: string;
  try {
    json = await readFile(file, 'utf8');
  } catch (cause) {
    const message = `Expected a TFJS layers-model, but ${file} cannot be read.`;
    throw new CountersignError('MODEL_NOT_FOUND', message, { cause });
  }
  return decodeTfjsLayersModel(json, async (name) => {
    try {
      return await readFile(join(dirname(file), name));
    } catch (cause) {
      throw new CountersignError('WEIGHTS_INVALID', `${file} names ${name}, which cannot be read.`, { cause });
    }
  });
}

function recognise(weights: Weights): Architecture['backbone'] {
  if (weights.has('Conv1.weight') && weights.has('block_16_project.weight')) return 'mobilenet-v2';
  if (weights.has('conv1.weight') && weights.has('conv_pw_13.weight')) return 'mobilenet-v1';
  throw new CountersignError(
    'WEIGHTS_MISMATCH',
    'Expected weights of MobileNet V1 or V2, but no layer names of theirs are in this model.',
  );
}

/** @returns [3, 224, 224] float32, x / 127.5 - 1 */
async function readPhoto(path: string): Promise<Float32Array> {
  const image = sharp(path).removeAlpha().toColourspace('srgb').resize(224, 224).raw();
  const pixels = await image.toBuffer().catch((cause) => {
    throw new CountersignError('IMAGE_UNDECODABLE', `--check: expected a photo; ${path} cannot be decoded.`, { cause });
  });
  const planes = new Float32Array(pixels.length);
  const count = pixels.length / 3;
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) planes[channel * count + i] = pixels[i * 3 + channel]! / 127.5 - 1;
  }
  return planes;
}

function softmax(logits: Float32Array): number[] {
  const peak = Math.max(...logits);
  const exponentials = Array.from(logits, (value) => Math.exp(value - peak));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}
