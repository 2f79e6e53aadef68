/**
 * One error class and one catalogue. Every failure a user can cause has a code here; the command line takes its exit
 * code and hint from the catalogue, a service its HTTP status.
 */

export interface CatalogueEntry {
  /** HTTP status a service answers with. */
  readonly status: number;
  /** Exit code of the command line: 2 usage, 3 bad image, 4 bad data set, 5 bad model or weights, 6 system, 7 store, 8 service. */
  readonly exitCode: number;
  /** What the user can do about it. */
  readonly hint: string;
  /** The same for whoever asks the service, where the hint is of the command line. */
  readonly serviceHint?: string;
}

export const ERROR_CATALOGUE = {
  // usage
  INVALID_ARGUMENT: {
    status: 400,
    exitCode: 2,
    hint: 'See what is accepted: the command with --help, the service at /docs.',
  },
  // images
  IMAGE_NOT_FOUND: { status: 404, exitCode: 3, hint: 'Check the path of the image.' },
  IMAGE_EMPTY_FILE: { status: 422, exitCode: 3, hint: 'The file holds no bytes; scan or copy it again.' },
  IMAGE_TOO_MANY_BYTES: { status: 413, exitCode: 3, hint: 'Send a smaller file, or raise the byte limit.' },
  IMAGE_TOO_MANY_PIXELS: { status: 413, exitCode: 3, hint: 'Scan at 300 to 600 dpi and crop to the signature.' },
  IMAGE_TRUNCATED: { status: 422, exitCode: 3, hint: 'The file ends early; scan or copy it again.' },
  IMAGE_UNDECODABLE: { status: 422, exitCode: 3, hint: 'Use PNG, JPEG, WebP, GIF or, outside a browser, TIFF.' },
  IMAGE_BLANK: { status: 422, exitCode: 3, hint: 'No ink was found; check that this is the right side of the page.' },
  IMAGE_SOLID: { status: 422, exitCode: 3, hint: 'Most of the image is dark; crop to the signature and scan again.' },
  IMAGE_SPECK: {
    status: 422,
    exitCode: 3,
    hint: 'There is too little ink for a signature; scan at a higher resolution.',
  },
  // data sets
  DATASET_NOT_FOUND: { status: 404, exitCode: 4, hint: 'Check the path given with --data.' },
  DATASET_LAYOUT_UNKNOWN: {
    status: 422,
    exitCode: 4,
    hint: 'Use a published layout, <writer>/genuine and <writer>/forged, or a CSV manifest.',
  },
  DATASET_AMBIGUOUS: {
    status: 422,
    exitCode: 4,
    hint: 'Name one of them with --layout, or point --data at its own folder.',
  },
  DATASET_MANIFEST_INVALID: {
    status: 422,
    exitCode: 4,
    hint: 'The columns are path, writer, kind (genuine or forged) and, if you like, identity; quote as in RFC 4180.',
  },
  DATASET_FILE_UNEXPECTED: {
    status: 422,
    exitCode: 4,
    hint: 'Move the file out of the data set, or rename it to fit the layout.',
  },
  DATASET_NO_FORGERIES: {
    status: 422,
    exitCode: 4,
    hint: 'Skilled forgeries are needed: add them (plain layout: <writer>/forged/*).',
  },
  DATASET_TOO_FEW_SAMPLES: { status: 422, exitCode: 4, hint: 'Every writer needs at least two genuine signatures.' },
  DATASET_TOO_FEW_WRITERS: {
    status: 422,
    exitCode: 4,
    hint: 'Add writers, or hold fewer of them out (--validation-writers, --calibration-writers).',
  },
  PROTOCOL_UNKNOWN: { status: 404, exitCode: 4, hint: 'Run `countersign protocols` for those there are.' },
  PROTOCOL_INVALID: {
    status: 422,
    exitCode: 4,
    hint: 'Correct the document; `countersign protocols cedar/published --json` prints one that is right.',
  },
  PROTOCOL_MISMATCH: {
    status: 422,
    exitCode: 4,
    hint: 'Point --data at the data set that the protocol was published for.',
  },
  SCORES_INVALID: {
    status: 422,
    exitCode: 4,
    hint: 'The columns are writer, kind (genuine, forged or random) and distance or score; quote as in RFC 4180.',
  },
  REPORT_INVALID: {
    status: 422,
    exitCode: 4,
    hint: 'Name report.json files that `countersign evaluate --out` or `judge --out` wrote.',
  },
  // models, weights, checkpoints
  MODEL_NOT_FOUND: {
    status: 404,
    exitCode: 5,
    hint: 'Check the path of the model or weights file.',
    serviceHint: 'GET /v1/models lists those there are.',
  },
  MODEL_INVALID: {
    status: 422,
    exitCode: 5,
    hint: 'Use a model file written by `countersign train`, or say with --adapter how a network of others is fed.',
  },
  ADAPTER_INVALID: {
    status: 422,
    exitCode: 5,
    hint: 'The guide says under "Bring your own model" what an adapter holds; compare it with what the model takes.',
  },
  TARGET_UNSUPPORTED: {
    status: 422,
    exitCode: 5,
    hint: 'Allow a higher error rate, or calibrate on more writers: `countersign calibrate --help`.',
    serviceHint: 'Allow a higher error rate, or use a model that is calibrated on more writers.',
  },
  WEIGHTS_INVALID: {
    status: 422,
    exitCode: 5,
    hint: 'The file is damaged or not a weights file; import or copy it again.',
  },
  WEIGHTS_MISMATCH: {
    status: 422,
    exitCode: 5,
    hint: 'These weights belong to another architecture; choose the matching --architecture-... flags.',
  },
  CHECKPOINT_INVALID: {
    status: 422,
    exitCode: 5,
    hint: 'Bring back a copy of the checkpoint, or start a new run in another folder, without --resume.',
  },
  CHECKPOINT_MISMATCH: {
    status: 409,
    exitCode: 5,
    hint: 'Resume with the same configuration and data, or start a new run in another folder.',
  },
  TRAINING_DIVERGED: {
    status: 500,
    exitCode: 5,
    hint: 'Lower --learning-rate, or resume from the last checkpoint with other data; the checkpoint is sound.',
  },
  TRAINING_COLLAPSED: {
    status: 500,
    exitCode: 5,
    hint: 'All embeddings became equal; lower the learning rate, or use the semi-hard miner.',
  },
  // store
  STORE_LOCKED: {
    status: 409,
    exitCode: 7,
    hint: 'Another process has the store open: wait until it ends, or put the store on PostgreSQL (DATABASE_URL).',
  },
  STORE_UNREACHABLE: {
    status: 503,
    exitCode: 7,
    hint: 'Check DATABASE_URL, and that the server runs and lets this user in.',
  },
  STORE_NEWER: { status: 409, exitCode: 7, hint: 'A newer version wrote the store; update this program.' },
  STORE_DAMAGED: { status: 500, exitCode: 7, hint: 'Bring back a backup into an empty store.' },
  STORE_NOT_EMPTY: { status: 409, exitCode: 7, hint: 'A backup goes into an empty store: name another one.' },
  BACKUP_INVALID: { status: 422, exitCode: 7, hint: 'The file is cut, altered, or no backup; use another backup.' },
  KEY_MISSING: {
    status: 500,
    exitCode: 7,
    hint: "Name the store's key with COUNTERSIGN_KEY_FILE or COUNTERSIGN_KEY; without it nothing sealed can be read.",
  },
  KEY_INVALID: {
    status: 500,
    exitCode: 7,
    hint: 'A key is 32 bytes in base64url, one a line, the current one first; only its owner may read the file.',
  },
  DECRYPTION_FAILED: {
    status: 500,
    exitCode: 7,
    hint: 'What was sealed was altered or belongs to another row; bring back a backup.',
  },
  AUDIT_LOG_BROKEN: {
    status: 500,
    exitCode: 7,
    hint: 'The audit log was altered behind the program; compare it with a backup.',
  },
  // writers and their references
  WRITER_NOT_FOUND: {
    status: 404,
    exitCode: 7,
    hint: 'Run `countersign writers list` for those there are.',
    serviceHint: 'GET /v1/writers lists those there are.',
  },
  WRITER_EXISTS: {
    status: 409,
    exitCode: 7,
    hint: 'Add references to the writer with `countersign enrol --add`.',
    serviceHint: 'Add references to the writer: POST /v1/writers/{writer}/references.',
  },
  REFERENCE_NOT_FOUND: {
    status: 404,
    exitCode: 7,
    hint: 'Run `countersign writers show <writer>` for the references there are.',
    serviceHint: 'GET /v1/writers/{writer} has the references there are.',
  },
  REFERENCE_DUPLICATE: { status: 409, exitCode: 7, hint: 'Leave the image out; take another signature.' },
  REFERENCE_STATE: {
    status: 409,
    exitCode: 7,
    hint: 'A doubtful reference can be confirmed, any but a retired one retired: see `countersign writers show <writer>`.',
    serviceHint: 'A doubtful reference can be confirmed, any but a retired one retired: see GET /v1/writers/{writer}.',
  },
  MODEL_NOT_ACTIVE: {
    status: 409,
    exitCode: 7,
    hint: 'Name the active model with --model, or move the store to this one with `countersign reembed`.',
    serviceHint: 'Start the service with the active model, or move the store to this one: POST /v1/jobs, kind reembed.',
  },
  REEMBEDDING_CONFLICT: {
    status: 409,
    exitCode: 7,
    hint: 'Let the move come to its end with the model that it began with, or give it up: `countersign reembed --abandon`.',
  },
  IMPORT_INVALID: {
    status: 422,
    exitCode: 7,
    hint: 'A folder has one sub-folder a writer; a CSV file the columns path, writer and, if you like, name, captured_at, expires_at.',
  },
  ERASURE_INCOMPLETE: {
    status: 500,
    exitCode: 7,
    hint: 'The rows are gone; what was found lies outside them: the message says where, remove it there.',
  },
  // policies and cases
  POLICY_INVALID: {
    status: 422,
    exitCode: 7,
    hint: 'Correct the document; its schema is docs/policy.schema.json, and `countersign policy validate` checks it.',
    serviceHint: 'Correct the document by the schema in /docs; POST /v1/policies/validate checks it.',
  },
  POLICY_NOT_FOUND: {
    status: 404,
    exitCode: 7,
    hint: 'Run `countersign policy list` for those there are.',
    serviceHint: 'GET /v1/policies lists those there are.',
  },
  POLICY_NOT_APPLICABLE: {
    status: 409,
    exitCode: 7,
    hint: 'Name another policy, give an amount that it holds, or activate a version that holds now.',
  },
  DECISION_NOT_FOUND: {
    status: 404,
    exitCode: 7,
    hint: 'Check the id of the decision; the decisions on a writer go when the writer is erased.',
  },
  CASE_NOT_FOUND: {
    status: 404,
    exitCode: 7,
    hint: 'Run `countersign review list` for those there are.',
    serviceHint: 'GET /v1/cases lists those there are.',
  },
  CASE_NOT_AVAILABLE: {
    status: 409,
    exitCode: 7,
    hint: 'Claim the case first; one that another person holds, or that is decided, cannot be taken.',
  },
  // bulk work
  JOB_NOT_FOUND: {
    status: 404,
    exitCode: 7,
    hint: 'Run `countersign jobs list` for those there are.',
    serviceHint: 'GET /v1/jobs lists those there are.',
  },
  JOB_STATE: {
    status: 409,
    exitCode: 7,
    hint: 'Items are added before the start; what has failed can be tried again, what is not done cancelled: see `countersign jobs show <job>`.',
    serviceHint:
      'Items are added before the start; what has failed can be tried again, what is not done cancelled: see GET /v1/jobs/{job}.',
  },
  // service
  API_KEY_NOT_FOUND: {
    status: 404,
    exitCode: 8,
    hint: 'Run `countersign keys list` for those there are.',
    serviceHint: 'GET /v1/keys lists those there are.',
  },
  API_KEY_EXISTS: { status: 409, exitCode: 8, hint: 'Take another name, or revoke the key that has it.' },
  API_KEYS_REQUIRED: {
    status: 500,
    exitCode: 8,
    hint: 'Make a key first, `countersign keys create --role admin`, or listen on 127.0.0.1.',
  },
  LISTEN_FAILED: {
    status: 500,
    exitCode: 8,
    hint: 'Take another --port or --host; another program may have this one.',
  },
  KEY_REQUIRED: { status: 401, exitCode: 8, hint: 'Send `Authorization: Bearer csk_...` with a key that holds.' },
  KEY_FORBIDDEN: {
    status: 403,
    exitCode: 8,
    hint: 'Use a key of a role that may do this; GET /v1/me tells the roles.',
  },
  HOST_FORBIDDEN: {
    status: 421,
    exitCode: 8,
    hint: 'Call the service by the name that it is configured with (`hosts`); on 127.0.0.1 by that or localhost.',
  },
  RATE_LIMITED: { status: 429, exitCode: 8, hint: 'Wait as long as Retry-After says.' },
  OVERLOADED: { status: 503, exitCode: 8, hint: 'Wait as long as Retry-After says, and ask again.' },
  TIMED_OUT: {
    status: 503,
    exitCode: 8,
    hint: 'Ask again, with fewer or smaller images. An erasure, an export and a check of the audit log go on: asked again, they answer.',
  },
  CLOSING: { status: 503, exitCode: 8, hint: 'The service is ending: ask again in a moment, or another of them.' },
  REQUEST_INVALID: {
    status: 400,
    exitCode: 8,
    hint: 'Compare the request with /docs; the detail says where it differs.',
  },
  REQUEST_TOO_LARGE: { status: 413, exitCode: 8, hint: 'Send fewer or smaller images, or raise `limits.bodyBytes`.' },
  REQUEST_UNSUPPORTED: {
    status: 415,
    exitCode: 8,
    hint: 'Send application/json or multipart/form-data, not compressed.',
  },
  ROUTE_NOT_FOUND: { status: 404, exitCode: 8, hint: 'Look at /docs for what there is.' },
  METHOD_NOT_ALLOWED: { status: 405, exitCode: 8, hint: 'The header Allow says which methods the path knows.' },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    exitCode: 8,
    hint: 'Take a new Idempotency-Key for each new request; the same one only to send the same request again.',
  },
  UNEXPECTED: {
    status: 500,
    exitCode: 70,
    hint: "This is a defect: please report it with what the service's log says under the request id.",
  },
  // system
  WRITE_FAILED: {
    status: 507,
    exitCode: 6,
    hint: 'Check free space and permissions; what was there before is untouched.',
  },
  WORKER_FAILED: { status: 500, exitCode: 6, hint: 'A worker thread stopped; check free memory and run again.' },
  DEVICE_UNAVAILABLE: {
    status: 500,
    exitCode: 6,
    hint: 'Leave --device webgpu away, or install the driver of the graphics card and the Vulkan loader (libvulkan1).',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

export interface CountersignErrorOptions {
  /** Machine-readable facts: paths, counts, limits. Never image content. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that a user can act on. `message` says what was expected and what came; `hint` says what to do. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: CountersignErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get hint(): string {
    return ERROR_CATALOGUE[this.code].hint;
  }

  /** What whoever asks the service can do about it. */
  get serviceHint(): string {
    const entry: CatalogueEntry = ERROR_CATALOGUE[this.code];
    return entry.serviceHint ?? entry.hint;
  }

  get exitCode(): number {
    return ERROR_CATALOGUE[this.code].exitCode;
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }
}
