/** The one home of what an operator can set for the service: file, environment and flags are read by it. */
import { z } from 'zod';
import { DEFAULT_DECODE_LIMITS } from '../image/decode-limits.js';
import { PACKAGE_MODELS } from '../verify/package-models.js';

const positive = z.int().min(1);
const milliseconds = z.int().min(1).max(3_600_000);

export const serviceConfigSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe("address to listen on; another than this machine's own needs keys in the store"),
  port: z.int().min(0).max(65_535).default(8080).describe('0 for any free one'),
  hosts: z
    .array(z.string())
    .default([])
    .describe('names that clients call the service by, held against the header Host; none: on another address any'),
  model: z
    .string()
    .min(1)
    .default('default')
    .describe(`${Object.keys(PACKAGE_MODELS).join(', ')} of the package, or a file`),
  workers: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('threads that decode, prepare and run the network; 0 for one a core'),
  queue: positive
    .default(256)
    .describe('images that may be at work or wait; a request with one more is answered OVERLOADED at once'),
  cache: z
    .int()
    .min(0)
    .default(1000)
    .describe(
      'pictures whose embedding and ink are kept in memory for ten minutes, by the hash of the file; 0 for none',
    ),
  limits: z
    .strictObject({
      bodyBytes: positive.default(16 * 1024 * 1024).describe('of a request body'),
      bodiesBytes: positive
        .default(256 * 1024 * 1024)
        .describe('of the bodies of all requests at a time; one with more is answered OVERLOADED'),
      imageBytes: positive.default(8 * 1024 * 1024).describe('of an image file'),
      imagePixels: positive
        .default(DEFAULT_DECODE_LIMITS.maxPixels)
        .describe('width times height of an image; checked before it is decoded'),
      images: positive.default(64).describe('images in one request'),
    })
    .prefault({}),
  rateLimit: z
    .strictObject({
      perMinute: z.int().min(0).default(12_000).describe('requests a minute of one key; 0 for any number'),
      failuresPerMinute: z
        .int()
        .min(0)
        .default(30)
        .describe('requests a minute of one address without a key that holds; 0 for any number'),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      headersMs: milliseconds.default(10_000).describe('until the headers of a request are there'),
      requestMs: milliseconds.default(30_000).describe('until all of a request is there'),
      answerMs: milliseconds.default(30_000).describe('from then until it is answered'),
      idleMs: milliseconds.default(65_000).describe('a connection without a request is kept'),
      shutdownMs: milliseconds.default(30_000).describe('that an ending service waits for what it accepted'),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      here: z
        .enum(['auto', 'yes', 'no'])
        .default('auto')
        .describe('do bulk work in this process; auto: on an embedded store, which takes no other'),
      threads: positive.max(256).default(1).describe('of bulk work in this process, beside those of requests'),
      dataRoot: z
        .string()
        .default('')
        .describe('data sets of evaluations lie below this folder; empty: there are none'),
    })
    .prefault({}),
  claimMinutes: z
    .int()
    .min(1)
    .max(1440)
    .default(30)
    .describe('that a person holds a case for who claims it, unless the request says'),
  connections: positive.default(1000).describe('at once; more are closed'),
  proxies: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('proxies in front that append to X-Forwarded-For; 0: the header is not believed'),
  cors: z.array(z.string()).default([]).describe('origins whose pages may call the service; none: CORS is off'),
  sessionKey: z
    .boolean()
    .default(true)
    .describe('on an address of this machine alone, without proxies or hosts: make a key for the page at each start'),
  metrics: z.boolean().default(true).describe('answer /metrics'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** Resolved, every default filled in. */
export type ServiceConfig = z.output<typeof serviceConfigSchema>;
