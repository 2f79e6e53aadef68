/** A worker that reads picture files and takes the ink off their paper. */
import { prepareDecoded } from '../../image/prepare-decoded.js';
import { scrawl } from '../../image/scrawl.js';
import { answerCalls } from './answer-calls.js';
import { decodeBlob } from './decode.js';
import type { PrepareCalls } from './messages.js';

/** Until the browser has compiled its best code. */
const WARM_UPS = 3;

answerCalls<PrepareCalls>({
  prepare: async ({ image, limits, options }) =>
    prepareDecoded(await decodeBlob(image, 'the image', limits, options.workingSidePx), options),

  async warmUp({ options }) {
    const image = scrawl();
    const said = { format: 'png', sourceWidth: image.width, sourceHeight: image.height, damaged: false } as const;
    for (let time = 0; time < WARM_UPS; time++) prepareDecoded({ ...image, ...said }, options);
  },
});
