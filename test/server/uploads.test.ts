/**
 * Uploads that went wrong, a few hundred of them here; `npm run fuzz-uploads` sends 10,000. None may bring the service down,
 * hang, or be answered with a failure of the service's own.
 */
import { describe, expect, it } from 'vitest';
import { problemDocument } from '../../src/api/schemas/common.js';
import { mapConcurrent } from '../../src/data/map-concurrent.js';
import { mutatedUpload } from './mutated-uploads.js';
import { useService } from './running-service.js';
import { base64, genuine } from './signatures.js';

const UPLOADS = Number(process.env.UPLOADS ?? 300);
const AT_ONCE = 8;
/** A request may take this long, and not be hung. */
const ANSWER_MS = 60_000;

/** What a client is told of a file or a body that is wrong. */
const REFUSALS = [400, 404, 409, 413, 415, 422];

describe('uploads', () => {
  const service = useService({ config: { rateLimit: { perMinute: 0 }, timeouts: { answerMs: ANSWER_MS } } });

  it('answers every mutated upload: no crash, no hang, nothing but the refusals that are meant', {
    timeout: 3_600_000,
  }, async () => {
    const { url, keys, ask } = service();
    const body = { references: [base64(await genuine(1, 1))], questioned: base64(await genuine(1, 2)) };
    const { distance } = await ask('compare', { body });
    const before = process.memoryUsage().rss;
    const statuses = new Map<number, number>();
    let slowest = 0;
    await mapConcurrent(
      Array.from({ length: UPLOADS }, (_, i) => i),
      AT_ONCE,
      async (number) => {
        const { kind, path, contentType, body } = await mutatedUpload(number);
        const started = performance.now();
        const response = await fetch(`${url}${path}`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${keys.admin}`,
            ...(contentType !== undefined && { 'content-type': contentType }),
          },
          body,
          signal: AbortSignal.timeout(2 * ANSWER_MS),
        });
        slowest = Math.max(slowest, performance.now() - started);
        const { status } = response;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const text = await response.text();
        if (status === 200 || status === 201) return;
        const what = `upload ${number}, ${kind}, to ${path}: ${status} ${text.slice(0, 300)}`;
        expect(REFUSALS.includes(status) || status === 503, what).toBe(true);
        const problem = problemDocument.parse(JSON.parse(text));
        expect(problem.status, what).toBe(status);
        if (status === 503) expect(['OVERLOADED', 'TIMED_OUT'], what).toContain(problem.code);
      },
    );
    expect(slowest).toBeLessThan(ANSWER_MS + 2000);
    expect((await ask('compare', { body })).distance).toBeCloseTo(distance!, 5);
    expect(REFUSALS.filter((status) => statuses.has(status)).length).toBeGreaterThan(2);
    expect(statuses.get(503) ?? 0).toBeLessThan(UPLOADS / 100);
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    expect(grown).toBeLessThan(1024);
    if (UPLOADS > 1000)
      console.log(
        `${UPLOADS} uploads:`,
        Object.fromEntries(statuses),
        `slowest ${slowest.toFixed(0)} ms, memory +${grown.toFixed(0)} MiB`,
      );
  });
});
