/** Around every request: its id, one line in the log, a span, and the figures. Never an image, a key, a query or a body. */
import { randomUUID } from 'node:crypto';
import { context as active, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { OPERATIONS, type OperationName } from '../api/operations.js';
import { VERSION } from '../version.js';
import type { ServiceContext } from './context.js';
import type { Environment } from './environment.js';
import { asCountersignError, failedInside } from './problem.js';

/** One that a caller gives is taken where it cannot break a line or fill a log. */
const SANE_ID = /^[\w.:-]{1,80}$/;

/** Without an SDK of OpenTelemetry in the process, its spans are nothing and cost nothing. */
const tracer = trace.getTracer('countersign', VERSION);

export function observe({ log, metrics, closing }: Observed): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const started = performance.now();
    const given = c.req.header('x-request-id');
    const requestId = given !== undefined && SANE_ID.test(given) ? given : randomUUID();
    c.set('requestId', requestId);
    const parent = propagation.extract(active.active(), c.req.header());
    await tracer.startActiveSpan('request', { kind: SpanKind.SERVER }, parent, async (span) => {
      await next();
      const { method } = c.req;
      const operation = c.get('operation');
      const route = operation === undefined ? 'other' : OPERATIONS[operation as OperationName].path;
      const { status } = c.res;
      endSpan(span, method, route, status);
      const ms = performance.now() - started;
      metrics.answered(method, route, status, ms / 1000);
      const error = c.error && asCountersignError(c.error);
      const rounded = Number(ms.toFixed(1));
      const line = { requestId, method, route, status, ms: rounded, keyId: c.get('keyId'), code: error?.code };
      if (error !== undefined && failedInside(error)) log.error({ ...line, err: error }, 'request');
      else log.info(line, 'request');
    });
    c.header('x-request-id', requestId);
    if (closing.aborted) c.header('connection', 'close');
  };
}

type Observed = Pick<ServiceContext, 'log' | 'metrics' | 'closing'>;

/** By the pattern of the path: the path itself may hold the number of a writer. */
function endSpan(span: Span, method: string, route: string, status: number): void {
  span.updateName(`${method} ${route}`);
  span.setAttributes({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': status });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
