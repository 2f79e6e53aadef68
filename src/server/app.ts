/** The service as one function from request to answer. */
import { Hono } from 'hono';
import { OPERATIONS, type Operation } from '../api/operations.js';
import { CountersignError } from '../core/errors.js';
import { allowOrigins } from './allow-origins.js';
import type { ServiceContext } from './context.js';
import type { Environment } from './environment.js';
import { observe } from './observe.js';
import { type AddOperation, operationsOn, routeOf } from './operation.js';
import { asCountersignError, problemResponse } from './problem.js';
import { requireHost } from './require-host.js';
import { auditRoutes } from './routes/audit.js';
import { compareRoutes } from './routes/compare.js';
import { decisionRoutes } from './routes/decisions.js';
import { addDocsPages, documentRoutes } from './routes/documentation.js';
import { jobRoutes } from './routes/jobs.js';
import { keyRoutes } from './routes/keys.js';
import { modelRoutes } from './routes/models.js';
import { policyRoutes } from './routes/policies.js';
import { reviewRoutes } from './routes/review.js';
import { serviceRoutes } from './routes/service.js';
import { statisticsRoutes } from './routes/statistics.js';
import { writerRoutes } from './routes/writers.js';
import { securityHeaders } from './security-headers.js';
import { addStaticPage } from './static-page.js';

type Routes = (add: AddOperation, context: ServiceContext) => void;

/** One file for what belongs together. */
const ROUTES: readonly Routes[] = [
  serviceRoutes,
  documentRoutes,
  modelRoutes,
  keyRoutes,
  compareRoutes,
  writerRoutes,
  decisionRoutes,
  policyRoutes,
  reviewRoutes,
  auditRoutes,
  statisticsRoutes,
  jobRoutes,
];

export function createApp(context: ServiceContext): Hono<Environment> {
  const app = new Hono<Environment>();
  app.use(observe(context));
  app.use(securityHeaders);
  app.use(requireHost(context.config));
  if (context.config.cors.length > 0) app.use(allowOrigins(context.config));
  const add = operationsOn(app, context);
  for (const routes of ROUTES) routes(add, context);
  addDocsPages(app);
  addStaticPage(app);
  refuseOtherMethods(app);
  app.notFound((c) =>
    problemResponse(new CountersignError('ROUTE_NOT_FOUND', 'There is nothing at this path.'), c.get('requestId')),
  );
  app.onError((error, c) => problemResponse(asCountersignError(error), c.get('requestId')));
  return app;
}

function refuseOtherMethods(app: Hono<Environment>): void {
  const operations: readonly Operation[] = Object.values(OPERATIONS);
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const known = operations.filter((operation) => operation.path === path);
    const allow = known.map(({ method }) => method.toUpperCase()).join(', ');
    app.all(routeOf(path), (c) => {
      const error = new CountersignError('METHOD_NOT_ALLOWED', `Expected ${allow}; ${c.req.method} came.`);
      const response = problemResponse(error, c.get('requestId'));
      response.headers.set('allow', allow);
      return response;
    });
  }
}
