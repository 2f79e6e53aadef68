/** The models and their error rates. */
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

export function modelRoutes(add: AddOperation, { models }: ServiceContext): void {
  add('listModels', async () => ({ items: await models.list() }));
  add('modelCard', ({ params }) => models.card(params.model));
  add('modelCurves', ({ params }) => models.curves(params.model));
}
