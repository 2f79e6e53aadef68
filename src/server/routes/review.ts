/** Cases for people. */
import { readCaseImage } from '../../store/read-image.js';
import { findCase, listCases, type ReviewCase } from '../../store/review-cases.js';
import { claimCase, decideCase, releaseCase } from '../../store/review-queue.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

export function reviewRoutes(add: AddOperation, { store, config }: ServiceContext): void {
  const { orm } = store.database;

  add('listCases', ({ query: { state, ...page }, by }) =>
    listCases(orm, { at: by.at, states: state && [state], ...page }),
  );

  add('getCase', ({ params, by }) => findCase(orm, params.case, by.at));

  add('caseImage', async ({ params, by }) => {
    const { bytes, mediaType } = await readCaseImage(store, params.case, by);
    return { contentType: mediaType, content: bytes };
  });

  add('claimCase', ({ body: { case: id, minutes = config.claimMinutes }, by }) =>
    claimCase(store, id, new Date(by.at.getTime() + 60_000 * minutes), by),
  );

  add('decideCase', ({ params, body, by, once }) =>
    decideCase(
      store,
      params.case,
      body,
      by,
      once(({ writerId }: ReviewCase) => [writerId]),
    ),
  );

  add('releaseCase', ({ params, by }) => releaseCase(store, params.case, by));
}
