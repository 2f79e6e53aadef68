/** The first images of a thread take several times as long as others: they are drawn here, before anybody waits for one. */
import { inkToPng } from '../image/render.js';
import type { ModelEmbedder } from '../runtime/model-embedder.js';

/** As many times as a session of the runtime needs to settle its memory. */
const ROUNDS = 2;

/** @throws CountersignError MODEL_INVALID for a network that the runtime refuses */
export async function warmUp(embedder: ModelEmbedder): Promise<void> {
  const file = await inkToPng(scrawl());
  for (let round = 0; round < ROUNDS; round++) {
    const ofEach = Array.from({ length: embedder.pool.size }, () => file);
    for (const result of await embedder.embedFiles(ofEach)) if ('error' in result) throw result.error;
  }
}

/** A wave of ink, [120, 360]. */
function scrawl() {
  const [width, height] = [360, 120];
  const data = new Uint8Array(width * height);
  for (let x = 20; x < width - 20; x++) {
    const y = Math.round(60 + 40 * Math.sin(x / 12));
    for (let dy = -2; dy <= 2; dy++) data[(y + dy) * width + x] = 255;
  }
  return { width, height, data };
}
