/**
 * The first images of a thread take several times as long as others, until its code is compiled: they are drawn here,
 * before anybody waits for one.
 */
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

/** A wave of ink, [960, 1280]: as large as pictures are prepared, for that is what the code is compiled for. */
function scrawl() {
  const [width, height] = [1280, 960];
  const data = new Uint8Array(width * height);
  for (let x = 80; x < width - 80; x++) {
    const y = Math.round(480 + 240 * Math.sin(x / 40));
    for (let dy = -6; dy <= 6; dy++) data[(y + dy) * width + x] = 255;
  }
  return { width, height, data };
}
