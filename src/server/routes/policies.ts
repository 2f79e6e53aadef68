/** Policies, and the settings of enrolment. */
import { requireSupport } from '../../policy/apply.js';
import { changeEnrolmentSettings } from '../../store/change-settings.js';
import { activatePolicy, addPolicy, listPolicies } from '../../store/policies.js';
import { readEnrolmentSettings } from '../../store/settings.js';
import { withNumbers } from '../../store/signers.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

export function policyRoutes(add: AddOperation, { store, inference: { embedder } }: ServiceContext): void {
  const { orm } = store.database;

  add('listPolicies', ({ query }) => listPolicies(orm, query));

  add('addPolicy', ({ body, by }) => addPolicy(store, body, by));

  add('validatePolicy', ({ body }) => {
    requireSupport(body, embedder.metadata);
    return { document: body, modelId: embedder.modelId };
  });

  add('activatePolicy', async ({ params: { policy: name, version }, body: { from }, by }) => {
    const activated = await activatePolicy(store, { name, version }, embedder.metadata, from ?? by.at, by);
    const [shown] = await withNumbers(orm, [activated]);
    return { ...shown!, notToCome: [...activated.notToCome] };
  });

  add('getEnrolmentSettings', () => readEnrolmentSettings(orm));

  add('changeEnrolmentSettings', ({ body, by }) => changeEnrolmentSettings(store, body, by));
}
