/** Policies, and the settings of enrolment. */
import { requireSupport } from '../../policy/apply.js';
import { activatePolicy, addPolicy, listPolicies, type PolicyVersion } from '../../store/policies.js';
import { changeEnrolmentSettings, readEnrolmentSettings } from '../../store/settings.js';
import { withNumbers } from '../../store/signers.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';

export function policyRoutes(add: AddOperation, { store, inference: { embedder } }: ServiceContext): void {
  const { orm } = store.database;
  const shown = async (version: PolicyVersion) => (await withNumbers(orm, [version]))[0]!;

  add('listPolicies', ({ query }) => listPolicies(orm, query));

  add('addPolicy', async ({ body, by }) => shown(await addPolicy(store, body, by)));

  add('validatePolicy', ({ body }) => {
    requireSupport(body, embedder.metadata);
    return { document: body, modelId: embedder.modelId };
  });

  add('activatePolicy', async ({ params: { policy: name, version }, body: { from }, by }) =>
    shown(await activatePolicy(store, { name, version }, embedder.metadata, from ?? by.at, by)),
  );

  add('getEnrolmentSettings', () => readEnrolmentSettings(orm));

  add('changeEnrolmentSettings', ({ body, by }) => changeEnrolmentSettings(store, body, by));
}
