/** Where the pairs come from that a distance is held against. */
import type { AnswerOf } from '../../api/schemas.js';
import { forReferences } from '../../evaluate/evidence.js';
import { ask } from '../state/service.js';
import { type PairsWithin, pairsOfCurve } from './scale.js';

export interface PairsSource {
  /** @throws an error with `code` TARGET_UNSUPPORTED for a model without calibration */
  pairsFor(modelId: string, referenceCount: number): Promise<PairsWithin>;
}

const asked = new Map<string, Promise<AnswerOf<'modelCurves'>>>();

/** The service's own models, each asked about once. */
export const servicePairs: PairsSource = {
  async pairsFor(modelId, referenceCount) {
    const answer = asked.get(modelId) ?? ask((service) => service.modelCurves({ params: { model: modelId } }));
    asked.set(modelId, answer);
    answer.catch(() => asked.delete(modelId));
    const { curves } = await answer;
    return pairsOfCurve(forReferences(curves, referenceCount, ({ references }) => references));
  },
};

/** Asks for those of the model at work before they are needed: the service takes a moment to reckon them, once. */
export async function expectPairs(): Promise<void> {
  const { modelId } = await ask((service) => service.ready());
  await servicePairs.pairsFor(modelId, 1);
}
