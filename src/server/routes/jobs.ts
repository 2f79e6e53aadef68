/** Bulk work: asked for here, done by workers. */
import type { Role } from '../../api/operations.js';
import type { BodyOf } from '../../api/schemas.js';
import { CountersignError } from '../../core/errors.js';
import { resultLines } from '../../jobs/result-lines.js';
import type { NewBulkItem } from '../../store/bulk-items.js';
import type { BulkKind } from '../../store/bulk-jobs.js';
import { PACKAGE_MODELS } from '../../verify/package-models.js';
import type { ServiceContext } from '../context.js';
import type { Caller } from '../key-guard.js';
import type { AddOperation } from '../operation.js';

export function jobRoutes(add: AddOperation, { jobs }: ServiceContext): void {
  add('listJobs', ({ query, by }) => jobs.list({ at: by.at, ...query }));

  add('createJob', async ({ body: { kind, title, parameters }, by, caller, once }) => {
    requireRole(caller!, kind);
    requirePackageModel(parameters.model);
    return jobs.create({ kind, title, parameters }, by, once(noWriter));
  });

  add('addJobItems', async ({ params, body: { items }, by, caller, once }) => {
    requireRole(caller!, (await jobs.get(params.job, by.at)).kind);
    return jobs.addItems(params.job, items.map(itemOf), by, once(noWriter));
  });

  add('startJob', async ({ params, by, caller, once }) => {
    requireRole(caller!, (await jobs.get(params.job, by.at)).kind);
    return jobs.start(params.job, by, once(noWriter));
  });

  add('getJob', ({ params, by }) => jobs.get(params.job, by.at));

  add('cancelJob', async ({ params, by, caller }) => {
    requireRole(caller!, (await jobs.get(params.job, by.at)).kind);
    return jobs.cancel(params.job, by);
  });

  add('retryJob', async ({ params, by, caller, once }) => {
    requireRole(caller!, (await jobs.get(params.job, by.at)).kind);
    return jobs.retry(params.job, by, once(noWriter));
  });

  add('jobResults', async ({ params, query: { format }, by }) => {
    const job = await jobs.get(params.job, by.at);
    const fileName = `${job.kind}-${job.id.slice(0, 8)}.${format}`;
    if (format === 'csv' || format === 'ndjson') {
      if (job.items === null) throw new CountersignError('JOB_STATE', `A job of kind ${job.kind} has no items.`);
      const lines = resultLines(jobs.results(job), format);
      return { contentType: CONTENT_TYPES[format], content: streamOf(lines), fileName };
    }
    const report = await jobs.report(job);
    if (report === undefined) throw new CountersignError('JOB_STATE', `Job ${job.id}, ${job.state}, has no report.`);
    return { contentType: CONTENT_TYPES[format], content: format === 'html' ? report.page : report.json, fileName };
  });
}

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  json: 'application/json',
  html: 'text/html; charset=utf-8',
} as const;

/** What is answered speaks of no writer. */
const noWriter = () => [];

const ROLE_OF: Readonly<Record<BulkKind, Role>> = {
  verify: 'verify',
  enrol: 'enrol',
  reembed: 'admin',
  evaluate: 'admin',
};

/** Beyond what the operation asks of all: bulk work is no way around it. */
function requireRole({ roles }: Caller, kind: BulkKind): void {
  const role = ROLE_OF[kind];
  if (roles.includes(role) || roles.includes('admin')) return;
  const message = `Expected a key with the role ${role} for a job of kind ${kind}; one with ${roles.join(' and ')} came.`;
  throw new CountersignError('KEY_FORBIDDEN', message, { details: { roles: [role] } });
}

/** A request does not choose which files of this machine are opened. */
function requirePackageModel(model: unknown): void {
  if (model === undefined || Object.keys(PACKAGE_MODELS).some((name) => name === model)) return;
  const names = Object.keys(PACKAGE_MODELS).join(', ');
  const message = `parameters.model: expected ${names}; a model of your own is named at the command line.`;
  throw new CountersignError('REQUEST_INVALID', message);
}

const itemOf = ({ writer, ...item }: BodyOf<'addJobItems'>['items'][number]): NewBulkItem => ({
  externalRef: writer,
  ...item,
});

/** Lines are read only as fast as they are taken. */
function streamOf(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(Buffer.from(value));
    },
    cancel: async () => void (await lines.return(undefined)),
  });
}
