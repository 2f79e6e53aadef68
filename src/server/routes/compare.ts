/** Two or more images, nothing stored. */
import type { BodyOf } from '../../api/schemas.js';
import type { ServiceContext } from '../context.js';
import type { Cut } from '../inference.js';
import type { AddOperation } from '../operation.js';

export function compareRoutes(add: AddOperation, { inference, metrics }: ServiceContext): void {
  add('compare', async ({ body }) => {
    const result = await inference.compare(body.references, body.questioned, cutOf(body));
    metrics.decided('compare', result.decision);
    return result;
  });

  add('embed', async ({ body: { image } }) => {
    const [embedded] = await inference.embedder.embedFiles([image]);
    if ('error' in embedded!) throw embedded.error;
    const { embedding, quality } = embedded!;
    return { embedding: [...embedding], quality, modelId: inference.embedder.modelId };
  });

  add('clean', async ({ body: { image } }) => ({
    contentType: 'image/png',
    content: await inference.clean(image),
  }));
}

function cutOf({ threshold, far, frr, forgeries }: BodyOf<'compare'>): Cut {
  if ((far ?? frr) === undefined) return { threshold };
  const rates = { ...(far !== undefined && { far }), ...(frr !== undefined && { frr }) };
  return { threshold, operatingPoint: { forgeries, ...rates } };
}
