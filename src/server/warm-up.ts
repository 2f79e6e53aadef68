/** Before anybody waits for a picture, each thread has seen some. */
import { greyToJpeg } from '../image/render.js';
import { scrawl } from '../image/scrawl.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';

/** As many times as code needs to be compiled well, and a session of the runtime to settle its memory. */
const ROUNDS = 3;

/** @throws CountersignError MODEL_INVALID for a network that the runtime refuses */
export async function warmUp(embedder: ModelEmbedder): Promise<void> {
  const file = await greyToJpeg(scrawl());
  for (let round = 0; round < ROUNDS; round++) {
    const ofEach = Array.from({ length: embedder.pool.size }, () => file);
    for (const result of await embedder.embedFiles(ofEach)) if ('error' in result) throw result.error;
  }
}
