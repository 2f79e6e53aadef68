/** References as the gate for quality lets them through, without a network: an embedding at an angle of the unit circle. */
import { randomBytes } from 'node:crypto';
import { sha256 } from '../../src/data/content-hash.js';
import type { EnrollingModel, NewReference } from '../../src/store/enrol.js';

/** Accepts up to 40 degrees. */
export const MODEL: EnrollingModel = {
  id: 'model-1',
  dimension: 4,
  threshold: { value: 2 * Math.sin(Math.PI / 9), source: 'set by a test' },
  similarity: { slope: 10, intercept: -1 },
};

export function newReference(degrees: number, more: Partial<NewReference> = {}): NewReference {
  const image = randomBytes(400);
  const angle = (degrees * Math.PI) / 180;
  return {
    name: 'a.png',
    image,
    imageHash: sha256(image),
    pixelHash: sha256(`pixels of ${sha256(image)}`),
    quality: {
      ...{ widthPx: 300, heightPx: 120, inkWidthPx: 250, inkHeightPx: 90, inkShare: 0.04, strokeWidthPx: 3 },
      ...{ contrast: 0.8, inverted: false, warnings: [] },
    },
    embedding: new Float32Array([Math.cos(angle), Math.sin(angle), 0, 0]),
    capturedAt: null,
    ...more,
  };
}
