/** Decisions on signatures of enrolled writers, and whose signature one may be. */
import { createDecider } from '../../decide/decide.js';
import { identify } from '../../decide/identify.js';
import type { DocumentDecision } from '../../decide/question.js';
import { findDecision } from '../../store/list-decisions.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

export function decisionRoutes(add: AddOperation, { store, inference, metrics }: ServiceContext): void {
  const { embedder, limits } = inference;
  const decider = createDecider(store, embedder, { limits });

  add('decide', async ({ body: { signatures, policy, amount, currency }, by, once }) => {
    const money = amount === undefined ? undefined : { amount, currency: currency! };
    const alongside = once((document: DocumentDecision) => document.signatures.map(({ writerId }) => writerId));
    const decided = await decider.decide({ signatures, policy, money }, by, alongside);
    metrics.decided('decide', decided.decision);
    return decided;
  });

  add('getDecision', ({ params, by }) => findDecision(store.database.orm, params.decision, by.at));

  add('identify', ({ body: { image, limit, exact }, by }) =>
    identify(store, embedder, image, { limit, exact, limits }, by),
  );
}
