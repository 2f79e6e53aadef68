/** The models that the service can tell of: those of the package, the one it runs, and those of the store. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CountersignError } from '../core/errors.js';
import { sha256 } from '../data/content-hash.js';
import type { ErrorCurve } from '../evaluate/error-curves.js';
import { renderModelCard } from '../evaluate/model-card.js';
import { dimensionOf, type ModelMetadata, readModelMetadata } from '../nn/model-metadata.js';
import { readModelFile } from '../nn/read-model-file.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';
import { defineJob } from '../runtime/pool.js';
import { knownModels } from '../store/active-model.js';
import type { Store } from '../store/store.js';
import { modelFileOf, PACKAGE_MODELS } from '../verify/package-models.js';

const drawCurves = defineJob<typeof import('./jobs/draw-curves.js').default>(import.meta.url, './jobs/draw-curves.js');

/** The card of the package's default model, with what it was measured at. */
const PACKAGE_CARD = fileURLToPath(new URL('../../models/MODEL_CARD.md', import.meta.url));

export interface ListedModel {
  readonly id: string;
  /** What the package calls it. */
  readonly names: readonly string[];
  /** Whether this service runs it. */
  readonly running: boolean;
  /** Whether enrolment and decisions of the store use it. */
  readonly active: boolean;
  /** Numbers of an embedding. */
  readonly dimension: number;
  /** Null for a model of the store whose file this service does not have. */
  readonly facts: ModelFacts | null;
}

export interface ModelFacts extends Pick<ModelMetadata, 'threshold'> {
  readonly training: Pick<ModelMetadata['training'], 'datasets' | 'validationEer' | 'version'>;
  /** Of each image. */
  readonly views: number;
  /** The float model that one of 8-bit integers was made from. */
  readonly quantizedFrom: string | null;
  /** Numbers of references it is calibrated for. */
  readonly calibratedReferences: readonly number[];
}

export interface ModelCatalogue {
  list(): Promise<readonly ListedModel[]>;
  /** Markdown. @param model - id, or a name of the package. @throws CountersignError MODEL_NOT_FOUND */
  card(model: string): Promise<{ readonly id: string; readonly markdown: string }>;
  /** @throws CountersignError MODEL_NOT_FOUND, TARGET_UNSUPPORTED for one without calibration */
  curves(model: string): Promise<ModelCurves>;
}

export interface ModelCurves extends Pick<ModelMetadata, 'id' | 'threshold'> {
  /** How distances to several references become one. */
  readonly fusion: string;
  readonly curves: readonly ErrorCurve[];
}

interface FileModel {
  readonly names: readonly string[];
  readonly metadata: ModelMetadata;
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256: string };
}

/** @param embedder - what the service runs. @param model - its file, or a name of the package */
export function createModelCatalogue(
  store: Store,
  { modelId, pool }: Pick<ModelEmbedder, 'modelId' | 'pool'>,
  model: string,
): ModelCatalogue {
  let reading: Promise<readonly FileModel[]> | undefined;
  const files = () => {
    reading ??= readFiles(modelFileOf(model)).catch((error) => {
      reading = undefined; // once more for whoever asks next
      throw error;
    });
    return reading;
  };
  const find = async (model: string): Promise<FileModel> => {
    const known = await files();
    const found = known.find(({ metadata, names }) => metadata.id === model || names.includes(model));
    if (found !== undefined) return found;
    throw new CountersignError('MODEL_NOT_FOUND', 'This service has no file of such a model.');
  };
  const drawn = new Map<string, Promise<readonly ErrorCurve[]>>();

  return {
    async list() {
      const known = await files();
      const ofStore = await knownModels(store.database.orm);
      const isActive = (id: string) => ofStore.some((model) => model.id === id && model.active);
      const listed = known.map(({ names, metadata }) => ({
        ...{ id: metadata.id, names, running: metadata.id === modelId, active: isActive(metadata.id) },
        ...{ dimension: dimensionOf(metadata), facts: factsOf(metadata) },
      }));
      const others = ofStore.filter(({ id }) => !known.some(({ metadata }) => metadata.id === id));
      return [...listed, ...others.map((model) => ({ ...model, names: [], running: false, facts: null }))];
    },

    async card(model) {
      const { metadata, file } = await find(model);
      const measured = await readFile(PACKAGE_CARD, 'utf8');
      const isMeasured = measured.startsWith(`# Model card: ${metadata.id}\n`);
      return { id: metadata.id, markdown: isMeasured ? measured : renderModelCard({ metadata, file, reports: [] }) };
    },

    async curves(model) {
      const { id, threshold, calibration } = (await find(model)).metadata;
      if (calibration === undefined) {
        throw new CountersignError('TARGET_UNSUPPORTED', `${id} carries no calibration.`);
      }
      const curves = drawn.get(id) ?? pool.call(drawCurves, calibration);
      drawn.set(id, curves);
      curves.catch(() => drawn.delete(id));
      return { id, threshold, fusion: calibration.fusion, curves: await curves };
    },
  };
}

/** Each file once, by whatever names it has. */
async function readFiles(running: string): Promise<readonly FileModel[]> {
  const names = Object.entries(PACKAGE_MODELS);
  const paths = new Set([...names.map(([, path]) => path), running]);
  return Promise.all(
    [...paths].map(async (path) => {
      const bytes = await readModelFile(path);
      return {
        names: names.filter(([, named]) => named === path).map(([name]) => name),
        metadata: readModelMetadata(bytes),
        file: { name: basename(path), bytes: bytes.length, sha256: sha256(bytes) },
      };
    }),
  );
}

function factsOf({ threshold, views, quantization, training, calibration }: ModelMetadata): ModelFacts {
  const { datasets, validationEer, version } = training;
  return {
    threshold,
    views,
    training: { datasets, validationEer, version },
    quantizedFrom: quantization?.model ?? null,
    calibratedReferences: calibration?.references.map(({ count }) => count) ?? [],
  };
}
