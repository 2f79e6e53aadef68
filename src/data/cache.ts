import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CountersignError } from '../core/errors.js';
import { DEFAULT_DECODE_LIMITS } from '../image/decode-limits.js';
import { type Preparation, prepare } from '../image/prepare.js';
import type { InkImage } from '../image/types.js';
import { decodeCacheEntry, encodeCacheEntry } from './cache-entry.js';
import { canonicalJson } from './canonical-json.js';
import { sha256 } from './content-hash.js';
import type { Sample } from './dataset.js';
import { makeFolder, OWNER_ONLY_FOLDER } from './make-folder.js';
import { mapConcurrent } from './map-concurrent.js';

/** Part of every key. Raise it with any change of preprocessing that changes pixels under the same options. */
export const PREPROCESS_VERSION = 1;

/** Images in flight at a time, unless told otherwise; no more pictures are in memory. */
const IN_FLIGHT = 4;

/** The program stands still no longer than this. */
const LONGEST_BLOCK_MS = 10;

export interface LoadOptions {
  /** Where entries lie; null for no cache. Default: `defaultCacheDir()`. */
  readonly cacheDir?: string | null | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** What makes the image. Default: `prepare`. */
  readonly preprocess?: (source: string | Uint8Array, options: Preparation) => Promise<{ readonly ink: InkImage }>;
  /** Images in flight at a time: where `preprocess` has several threads, enough to keep them busy. */
  readonly concurrency?: number | undefined;
}

export interface LoadProgress {
  readonly done: number;
  readonly total: number;
}

export interface LoadedImages<S extends Sample = Sample> {
  /** The samples whose image succeeded, in the order they were given. */
  readonly samples: readonly S[];
  /** One per entry of `samples`: [canvas.height, canvas.width] uint8, 0 = paper, 255 = full ink. */
  readonly images: readonly InkImage[];
  readonly failures: readonly { readonly sample: S; readonly error: CountersignError }[];
  readonly cache: {
    readonly hits: number;
    /** Why entries could not be kept, where they could not. The images are whole all the same. */
    readonly writeError: string | undefined;
  };
}

/**
 * Preprocesses images, or takes them from the cache. A key is made of the file's content, the options and
 * PREPROCESS_VERSION, so an entry never grows old; a damaged one is made anew. A bad image is a failure in the
 * result, not an exception; a cache that cannot be written slows the next run down and nothing else.
 *
 * @example
 * const { samples, images, failures } = await loadPreprocessed(hindi.samples, options);
 * // images.length 8640, images[0] { width: 224, height: 128, data: Uint8Array(28672) }, failures []
 */
export async function loadPreprocessed<S extends Sample>(
  samples: readonly S[],
  options: Preparation,
  load: LoadOptions = {},
): Promise<LoadedImages<S>> {
  const make = load.preprocess ?? prepare;
  const cacheDir = load.cacheDir === undefined ? defaultCacheDir() : load.cacheDir;
  const cache = cacheDir === null ? undefined : new ImageCache(cacheDir, options);
  let done = 0;
  let free = performance.now();
  const outcomes = await mapConcurrent(samples, load.concurrency ?? IN_FLIGHT, async (sample) => {
    if (performance.now() - free > LONGEST_BLOCK_MS) {
      await setImmediate(); // entries of the cache are read without a promise each; others want their turn
      free = performance.now();
    }
    const outcome = await loadOne(sample.path, options, make, cache);
    load.onProgress?.({ done: ++done, total: samples.length });
    return outcome;
  });

  const loaded: { sample: S; image: InkImage }[] = [];
  const failures: { sample: S; error: CountersignError }[] = [];
  outcomes.forEach((outcome, i) => {
    const sample = samples[i]!;
    if (outcome instanceof CountersignError) failures.push({ sample, error: outcome });
    else loaded.push({ sample, image: outcome });
  });
  return {
    samples: loaded.map(({ sample }) => sample),
    images: loaded.map(({ image }) => image),
    failures,
    cache: { hits: cache?.hits ?? 0, writeError: cache?.writeError },
  };
}

/** `$XDG_CACHE_HOME/countersign`, or `~/.cache/countersign`. */
export function defaultCacheDir(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_CACHE_HOME;
  // The specification: a path that is not absolute is to be ignored.
  return path.join(base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache'), 'countersign');
}

async function loadOne(
  file: string,
  options: Preparation,
  make: NonNullable<LoadOptions['preprocess']>,
  cache: ImageCache | undefined,
): Promise<InkImage | CountersignError> {
  try {
    // Thousands of small files: reading them without a promise each halves the time of a warm load.
    const size = statSync(file).size;
    // Refused by preprocessing, without reading it.
    if (cache === undefined || size > DEFAULT_DECODE_LIMITS.maxBytes) return (await make(file, options)).ink;
    const bytes = readFileSync(file);
    const key = sha256(bytes);
    const kept = cache.get(key);
    if (kept !== undefined) return kept;
    const { ink } = await make(bytes, options);
    await cache.put(key, ink);
    return ink;
  } catch (cause) {
    if (cause instanceof CountersignError) return cause;
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause; // a fault of ours
    const message = `Expected to read an image at ${file}, but ${(cause as NodeJS.ErrnoException).code} came.`;
    return new CountersignError('IMAGE_NOT_FOUND', message, { cause });
  }
}

/** One file per image, in a folder per options; 256 folders below it keep each small. */
class ImageCache {
  hits = 0;
  /** After the first failure nothing more is written: a full disk stays full. */
  writeError: string | undefined;
  readonly #folder: string;
  readonly #made = new Set<string>();

  constructor(cacheDir: string, options: Preparation) {
    const optionsKey = sha256(canonicalJson({ version: PREPROCESS_VERSION, options }));
    this.#folder = path.join(cacheDir, 'preprocessed', optionsKey.slice(0, 32));
  }

  get(key: string): InkImage | undefined {
    try {
      const image = decodeCacheEntry(readFileSync(this.#path(key)));
      if (image !== undefined) this.hits++;
      return image;
    } catch {
      return undefined;
    }
  }

  async put(key: string, image: InkImage): Promise<void> {
    if (this.writeError !== undefined) return;
    const target = this.#path(key);
    const temporary = `${target}.${randomUUID()}.tmp`;
    try {
      const folder = path.dirname(target);
      if (!this.#made.has(folder)) await makeFolder(folder, OWNER_ONLY_FOLDER);
      this.#made.add(folder);
      await writeFile(temporary, encodeCacheEntry(image), { mode: 0o600 }); // not flushed: what a crash damages is made anew
      await rename(temporary, target);
    } catch (cause) {
      this.writeError = `${target}: ${(cause as Error).message}`;
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  #path(key: string): string {
    return path.join(this.#folder, key.slice(0, 2), `${key.slice(2)}.ink`);
  }
}
