/** The worker: image files to embeddings, so that the page answers while the network runs. */
import { z } from 'zod';
import type { PreprocessOptions } from '../../image/options.js';
import { prepareDecoded } from '../../image/prepare-decoded.js';
import { scrawl } from '../../image/scrawl.js';
import type { DecodedImage } from '../../image/types.js';
import { readModelMetadata } from '../../nn/model-metadata.js';
import { imageBatch } from '../../runtime/image-batch.js';
import { describeError } from '../../runtime/worker-error.js';
import { decodeBlob } from './decode.js';
import type { Reply, Request, Requests, SeenImage } from './messages.js';
import { type BrowserSession, openBrowserSession } from './session.js';

z.config({ jitless: true }); // the page's content security policy lets no code be made of text

interface Opened {
  readonly session: BrowserSession;
  readonly options: PreprocessOptions;
}

let opened: Opened | undefined;

async function open({ runtime, model }: Requests['open']['asks']): Promise<Requests['open']['gets']> {
  const bytes = new Uint8Array(model);
  const metadata = readModelMetadata(bytes);
  const session = await openBrowserSession(bytes, runtime);
  opened = { session, options: metadata.preprocess };
  // The first runs are several times slower: the runtime plans its memory, and the browser has yet to compile its best code.
  for (let run = 0; run < 3; run++) await session.embed(imageBatch([prepareDecoded(drawn(), metadata.preprocess).ink]));
  return metadata;
}

function drawn(): DecodedImage {
  const image = scrawl();
  return { ...image, format: 'png', sourceWidth: image.width, sourceHeight: image.height, damaged: false };
}

/** One picture is decoded at a time, by threads of the browser, while this one prepares and sees those before it. */
let decoding: Promise<unknown> = Promise.resolve();

async function see({ image, limits }: Requests['see']['asks']): Promise<SeenImage> {
  const { session, options } = opened!;
  const decoded = decoding.then(() => decodeBlob(image, 'the image', limits, options.workingSidePx));
  decoding = decoded.catch(() => undefined); // told below
  const prepared = prepareDecoded(await decoded, options);
  const { data } = await session.embed(imageBatch([prepared.ink]));
  return { ...prepared, embedding: data };
}

async function answer(request: Request): Promise<Reply> {
  try {
    return { id: request.id, result: await (request.name === 'open' ? open(request.asks) : see(request.asks)) };
  } catch (error) {
    return { id: request.id, error: describeError(error) };
  }
}

addEventListener('message', async ({ data }: MessageEvent<Request>) => postMessage(await answer(data)));
