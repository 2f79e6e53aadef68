import { CountersignError } from '../../core/errors.js';
import { decodeImage } from '../../image/decode.js';
import type { PreprocessOptions } from '../../image/options.js';
import { preprocess } from '../../image/preprocess.js';
import { measureSurface, type SurfaceFacts } from '../../image/surface.js';

export interface MeasureSurface {
  readonly path: string;
  /** Measure the canvas that the network sees, too. */
  readonly options: PreprocessOptions | undefined;
}

/** Of one file; `raw` is null where it cannot be read, `prepared` also where it shows no signature. */
export interface MeasuredSurface {
  readonly raw: SurfaceFacts | null;
  readonly prepared: SurfaceFacts | null;
}

/** Runs in a worker. */
export default async function measure({ path, options }: MeasureSurface): Promise<MeasuredSurface> {
  const raw = await decodeImage(path).then(measureSurface).catch(nullWhereUnusable);
  if (options === undefined || raw === null) return { raw, prepared: null };
  const prepared = await preprocess(path, options)
    .then(({ ink: { width, height, data } }) => measureSurface({ width, height, data: data.map((ink) => 255 - ink) }))
    .catch(nullWhereUnusable);
  return { raw, prepared };
}

function nullWhereUnusable(error: unknown): null {
  if (error instanceof CountersignError) return null;
  throw error;
}
