/** The comparison in this browser alone: images stay here, only the model and what runs it come from the server. */
import { CountersignError } from '../../core/errors.js';
import type { DecodeLimits } from '../../image/decode-limits.js';
import type { PreprocessedImage } from '../../image/prepare-decoded.js';
import type { ModelMetadata } from '../../nn/model-metadata.js';
import { problemOf } from '../../verify/no-signature.js';
import type { VerificationResult } from '../../verify/result.js';
import { chooseThresholds } from '../../verify/thresholds.js';
import { type EmbeddedImage, verifyEmbeddings } from '../../verify/verify-embeddings.js';
import { download } from './download.js';
import { inkToPng } from './ink-picture.js';
import type { EmbedCalls, PrepareCalls } from './messages.js';
import { callsTo } from './worker-calls.js';

export interface LocalEngine {
  /** What the model file says of itself. */
  readonly model: ModelMetadata;
  /**
   * Is `questioned` by the writer of `references`? By the model's own threshold. A picture is seen once, however often it
   * is compared.
   *
   * @throws CountersignError INVALID_ARGUMENT without a reference, IMAGE_* for files that cannot be read; an AbortError
   */
  compare(references: readonly Blob[], questioned: Blob, signal?: AbortSignal): Promise<VerificationResult>;
  /** A PNG of what the network sees. @throws CountersignError IMAGE_*; an AbortError */
  clean(picture: Blob, signal?: AbortSignal): Promise<Blob>;
  /** Ends the workers and gives its memory back. */
  close(): void;
}

export interface LocalEngineOptions {
  readonly modelUrl: string;
  /** Of the .wasm file of ONNX Runtime. */
  readonly wasmUrl: string;
  /** Hears the share of the download that is here, 0 .. 1. */
  readonly onProgress?: (share: number) => void;
  /** What an image may ask of this browser. */
  readonly limits?: DecodeLimits;
}

/** A signature prepared and seen by the network. */
interface SeenImage extends PreprocessedImage {
  /** [D]. */
  readonly embedding: Float32Array;
}

/** Workers that read pictures: reference and questioned signature at the same time. */
const PREPARERS = 2;

/** For the progress alone; both files are taken at any size. */
const [MODEL_BYTES, RUNTIME_BYTES] = [3_000_000, 14_200_000];

/**
 * Loads model and runtime and starts them in workers.
 *
 * @throws CountersignError MODEL_NOT_FOUND, MODEL_INVALID, WORKER_FAILED; a TypeError where no server answers
 *
 * @example
 * const engine = await openLocalEngine({ modelUrl, wasmUrl, onProgress: (share) => show(share) });
 * (await engine.compare([reference], questioned)).decision; // 'accept'
 */
export async function openLocalEngine({
  modelUrl,
  wasmUrl,
  onProgress = () => undefined,
  limits = {},
}: LocalEngineOptions): Promise<LocalEngine> {
  const files = [
    { url: wasmUrl, aboutBytes: RUNTIME_BYTES },
    { url: modelUrl, aboutBytes: MODEL_BYTES },
  ];
  const [runtime, modelFile] = (await download(files, onProgress)) as [ArrayBuffer, ArrayBuffer];
  const network = callsTo<EmbedCalls>(new Worker(new URL('./embed-worker.ts', import.meta.url), { type: 'module' }));
  const model = await network.call('open', { runtime, model: modelFile }, [runtime, modelFile]).catch((error) => {
    network.end();
    throw error;
  });
  const { preprocess: options } = model;
  const preparers = Array.from({ length: PREPARERS }, () =>
    callsTo<PrepareCalls>(new Worker(new URL('./prepare-worker.ts', import.meta.url), { type: 'module' })),
  );
  for (const preparer of preparers) preparer.call('warmUp', { options }).catch(() => undefined); // told to who calls next
  const thresholdsFor = chooseThresholds(model, {});

  const seen = new WeakMap<Blob, Promise<SeenImage>>();
  const prepareAndEmbed = async (image: Blob): Promise<SeenImage> => {
    const preparer = preparers.reduce((free, next) => (next.waiting < free.waiting ? next : free));
    const prepared = await preparer.call('prepare', { image, limits, options });
    return { ...prepared, embedding: await network.call('embed', { ink: prepared.ink }) };
  };
  const see = (image: Blob): Promise<SeenImage> => {
    const result = seen.get(image) ?? prepareAndEmbed(image);
    seen.set(image, result);
    return result;
  };
  const embedded = (image: Blob): Promise<EmbeddedImage> =>
    see(image).catch((error: unknown) => ({ problem: problemOf(error) }));

  return {
    model,

    async compare(references, questioned, signal) {
      if (references.length === 0) {
        throw new CountersignError('INVALID_ARGUMENT', 'At least one reference is needed to compare with.');
      }
      const started = performance.now();
      const images = await Promise.all([...references, questioned].map(embedded));
      signal?.throwIfAborted();
      const named = references.map((_, i) => ({ name: `#${i + 1}`, image: images[i]! }));
      const result = verifyEmbeddings(model, thresholdsFor, named, images.at(-1)!);
      return { ...result, timingMs: { preprocess: null, embed: null, total: performance.now() - started } };
    },

    async clean(picture, signal) {
      const { ink } = await see(picture);
      signal?.throwIfAborted();
      return inkToPng(ink);
    },

    close() {
      for (const worker of [network, ...preparers]) worker.end();
    },
  };
}
