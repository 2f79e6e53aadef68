/** The worker that runs the network: ink to embeddings. */
import { z } from 'zod';
import { invalidModel, wrongLength } from '../../nn/invalid-model.js';
import { dimensionOf, readModelMetadata } from '../../nn/model-metadata.js';
import { imageBatch } from '../../runtime/image-batch.js';
import { answerCalls } from './answer-calls.js';
import type { EmbedCalls } from './messages.js';
import { type BrowserSession, openBrowserSession } from './session.js';

z.config({ jitless: true }); // the page's content security policy lets no code be made of text

let session: BrowserSession | undefined;

answerCalls<EmbedCalls>({
  async open({ runtime, model }) {
    const bytes = new Uint8Array(model);
    const metadata = readModelMetadata(bytes);
    session = await openBrowserSession(bytes, runtime);
    const { width, height } = metadata.preprocess.canvas;
    // The first runs are several times slower: the runtime plans its memory, and the browser has yet to compile its best code.
    const paper = imageBatch([{ width, height, data: new Uint8Array(width * height) }]);
    for (let run = 0; run < 2; run++) {
      const { data } = await session.embed(paper);
      if (data.length !== dimensionOf(metadata)) throw invalidModel(wrongLength(data.length, dimensionOf(metadata)));
    }
    return metadata;
  },

  embed: async ({ ink }) => (await session!.embed(imageBatch([ink]))).data,
});
