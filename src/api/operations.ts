/**
 * What the service can be asked, one entry an operation: the one list that routes, document, client and the page's calls are
 * made from. Plain data, for browsers too; what goes in and comes out of each is in `schemas.ts`, under the same name.
 */

/** What a key may do. `admin` may do all that the others may. */
export const ROLES = ['verify', 'enrol', 'review', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Operation {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With `{parameters}` as OpenAPI writes them. */
  readonly path: string;
  /** Any of these suffices; `public` needs no key. */
  readonly roles: readonly Role[] | 'public';
  readonly tag:
    | 'compare'
    | 'writers'
    | 'decisions'
    | 'policies'
    | 'review'
    | 'jobs'
    | 'evidence'
    | 'administration'
    | 'service';
  readonly summary: string;
}

const everyone = ROLES;

export const OPERATIONS = {
  // the service itself
  health: { method: 'get', path: '/health', roles: 'public', tag: 'service', summary: 'Whether the process runs' },
  ready: {
    method: 'get',
    path: '/ready',
    roles: 'public',
    tag: 'service',
    summary: 'Whether store and network answer',
  },
  metrics: { method: 'get', path: '/metrics', roles: ['admin'], tag: 'service', summary: 'Figures for Prometheus' },
  document: { method: 'get', path: '/openapi.json', roles: 'public', tag: 'service', summary: 'This document' },
  me: {
    method: 'get',
    path: '/v1/me',
    roles: everyone,
    tag: 'service',
    summary: 'Whose key this is and what it may do',
  },

  // two or more images, nothing stored
  compare: {
    method: 'post',
    path: '/v1/compare',
    roles: ['verify'],
    tag: 'compare',
    summary: 'Is the questioned signature by the writer of the references?',
  },
  embed: {
    method: 'post',
    path: '/v1/embed',
    roles: ['verify'],
    tag: 'compare',
    summary: 'The embedding of a signature',
  },
  clean: {
    method: 'post',
    path: '/v1/clean',
    roles: ['verify', 'enrol', 'review'],
    tag: 'compare',
    summary: 'The signature as the network sees it, a PNG',
  },

  // the models
  listModels: {
    method: 'get',
    path: '/v1/models',
    roles: everyone,
    tag: 'evidence',
    summary: 'Models of the package and of the store',
  },
  modelCard: {
    method: 'get',
    path: '/v1/models/{model}/card',
    roles: everyone,
    tag: 'evidence',
    summary: 'What the model is, learnt from, and is not for',
  },
  modelCurves: {
    method: 'get',
    path: '/v1/models/{model}/curves',
    roles: everyone,
    tag: 'evidence',
    summary: 'Error rates at every threshold, from the calibration writers',
  },
  statistics: {
    method: 'get',
    path: '/v1/statistics',
    roles: ['review'],
    tag: 'evidence',
    summary: 'Volumes, share left to review, error rates by what people decided',
  },

  // writers
  listWriters: {
    method: 'get',
    path: '/v1/writers',
    roles: ['verify', 'enrol', 'review'],
    tag: 'writers',
    summary: 'Enrolled writers',
  },
  enrolWriter: {
    method: 'post',
    path: '/v1/writers',
    roles: ['enrol'],
    tag: 'writers',
    summary: 'Enrol a writer with references',
  },
  getWriter: {
    method: 'get',
    path: '/v1/writers/{writer}',
    roles: ['verify', 'enrol', 'review'],
    tag: 'writers',
    summary: 'A writer, state and references',
  },
  changeWriter: {
    method: 'patch',
    path: '/v1/writers/{writer}',
    roles: ['enrol'],
    tag: 'writers',
    summary: 'Set when the enrolment expires',
  },
  eraseWriter: {
    method: 'delete',
    path: '/v1/writers/{writer}',
    roles: ['admin'],
    tag: 'writers',
    summary: 'Remove a writer and all that is of them, and prove it',
  },
  exportWriter: {
    method: 'get',
    path: '/v1/writers/{writer}/export',
    roles: ['admin'],
    tag: 'writers',
    summary: 'Everything about a writer',
  },
  addReferences: {
    method: 'post',
    path: '/v1/writers/{writer}/references',
    roles: ['enrol'],
    tag: 'writers',
    summary: 'Add references',
  },
  referenceImage: {
    method: 'get',
    path: '/v1/writers/{writer}/references/{reference}/image',
    roles: ['enrol', 'review'],
    tag: 'writers',
    summary: 'The file of a reference',
  },
  confirmReference: {
    method: 'post',
    path: '/v1/writers/{writer}/references/{reference}/confirm',
    roles: ['enrol'],
    tag: 'writers',
    summary: 'Let a doubtful reference count',
  },
  retireReference: {
    method: 'post',
    path: '/v1/writers/{writer}/references/{reference}/retire',
    roles: ['enrol'],
    tag: 'writers',
    summary: 'Let a reference count no longer',
  },
  writerConsistency: {
    method: 'get',
    path: '/v1/writers/{writer}/consistency',
    roles: ['verify', 'enrol', 'review'],
    tag: 'writers',
    summary: 'How far the references lie from each other',
  },
  writerDecisions: {
    method: 'get',
    path: '/v1/writers/{writer}/decisions',
    roles: ['verify', 'enrol', 'review'],
    tag: 'writers',
    summary: 'What was decided on signatures of a writer',
  },

  // decisions
  decide: {
    method: 'post',
    path: '/v1/decisions',
    roles: ['verify'],
    tag: 'decisions',
    summary: 'Decide on a document signed by one or more enrolled writers',
  },
  getDecision: {
    method: 'get',
    path: '/v1/decisions/{decision}',
    roles: ['verify', 'review'],
    tag: 'decisions',
    summary: 'A decision on one signature',
  },
  identify: {
    method: 'post',
    path: '/v1/identify',
    roles: ['verify'],
    tag: 'decisions',
    summary: 'Whose signature is this?',
  },

  // policies and settings
  listPolicies: {
    method: 'get',
    path: '/v1/policies',
    roles: everyone,
    tag: 'policies',
    summary: 'All versions of all policies',
  },
  addPolicy: {
    method: 'post',
    path: '/v1/policies',
    roles: ['admin'],
    tag: 'policies',
    summary: 'Store a document as the next version of its name',
  },
  validatePolicy: {
    method: 'post',
    path: '/v1/policies/validate',
    roles: ['admin'],
    tag: 'policies',
    summary: 'Check a document, and whether the active model can keep it',
  },
  activatePolicy: {
    method: 'post',
    path: '/v1/policies/{policy}/{version}/activate',
    roles: ['admin'],
    tag: 'policies',
    summary: 'Let a version hold, now or from an instant on',
  },
  getEnrolmentSettings: {
    method: 'get',
    path: '/v1/settings/enrolment',
    roles: ['enrol'],
    tag: 'policies',
    summary: 'Settings of enrolment',
  },
  changeEnrolmentSettings: {
    method: 'patch',
    path: '/v1/settings/enrolment',
    roles: ['admin'],
    tag: 'policies',
    summary: 'Change settings of enrolment',
  },

  // review
  listCases: {
    method: 'get',
    path: '/v1/cases',
    roles: ['review'],
    tag: 'review',
    summary: 'Cases for a person, the oldest first',
  },
  getCase: { method: 'get', path: '/v1/cases/{case}', roles: ['review'], tag: 'review', summary: 'A case' },
  caseImage: {
    method: 'get',
    path: '/v1/cases/{case}/image',
    roles: ['review'],
    tag: 'review',
    summary: 'The questioned signature',
  },
  claimCase: {
    method: 'post',
    path: '/v1/cases/claim',
    roles: ['review'],
    tag: 'review',
    summary: 'Claim a case, or the oldest that waits',
  },
  decideCase: {
    method: 'post',
    path: '/v1/cases/{case}/verdict',
    roles: ['review'],
    tag: 'review',
    summary: 'Say a verdict on a claimed case',
  },
  releaseCase: {
    method: 'post',
    path: '/v1/cases/{case}/release',
    roles: ['review'],
    tag: 'review',
    summary: 'Give a claimed case back',
  },

  // audit log
  listAudit: {
    method: 'get',
    path: '/v1/audit',
    roles: ['admin'],
    tag: 'administration',
    summary: 'Rows of the audit log',
  },
  verifyAudit: {
    method: 'post',
    path: '/v1/audit/verify',
    roles: ['admin'],
    tag: 'administration',
    summary: 'Look for a change, removal or new order of rows',
  },

  // keys
  listKeys: {
    method: 'get',
    path: '/v1/keys',
    roles: ['admin'],
    tag: 'administration',
    summary: 'Keys, without their secrets',
  },
  createKey: {
    method: 'post',
    path: '/v1/keys',
    roles: ['admin'],
    tag: 'administration',
    summary: 'Make a key; its secret is told once',
  },
  rotateKey: {
    method: 'post',
    path: '/v1/keys/{key}/rotate',
    roles: ['admin'],
    tag: 'administration',
    summary: 'A new secret for a key; the old one holds for a while',
  },
  revokeKey: {
    method: 'delete',
    path: '/v1/keys/{key}',
    roles: ['admin'],
    tag: 'administration',
    summary: 'Let a key hold no longer',
  },

  // bulk work
  listJobs: { method: 'get', path: '/v1/jobs', roles: ['verify', 'enrol'], tag: 'jobs', summary: 'Bulk work' },
  createJob: {
    method: 'post',
    path: '/v1/jobs',
    roles: ['verify', 'enrol'],
    tag: 'jobs',
    summary: 'Begin bulk work; `verify` and `enrol` wait for items',
  },
  addJobItems: {
    method: 'post',
    path: '/v1/jobs/{job}/items',
    roles: ['verify', 'enrol'],
    tag: 'jobs',
    summary: 'Add items to a job that has not started',
  },
  startJob: {
    method: 'post',
    path: '/v1/jobs/{job}/start',
    roles: ['verify', 'enrol'],
    tag: 'jobs',
    summary: 'Start a job whose items are there',
  },
  getJob: {
    method: 'get',
    path: '/v1/jobs/{job}',
    roles: ['verify', 'enrol'],
    tag: 'jobs',
    summary: 'Progress of a job',
  },
  cancelJob: {
    method: 'post',
    path: '/v1/jobs/{job}/cancel',
    roles: ['verify', 'enrol'],
    tag: 'jobs',
    summary: 'Stop a job; what is settled stays',
  },
  retryJob: {
    method: 'post',
    path: '/v1/jobs/{job}/retry',
    roles: ['verify', 'enrol'],
    tag: 'jobs',
    summary: 'Try the failed items of a job again',
  },
  jobResults: {
    method: 'get',
    path: '/v1/jobs/{job}/results',
    roles: ['verify', 'enrol'],
    tag: 'jobs',
    summary: 'What came of each item, CSV or NDJSON',
  },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS;
