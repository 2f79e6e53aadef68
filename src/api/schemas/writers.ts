/** Enrolled writers and their references. */
import { z } from 'zod';
import { ENROLMENT_STATES } from '../../verify/enrolment-state.js';
import {
  flag,
  image,
  imageQuality,
  instant,
  instantInput,
  line,
  listOf,
  listQuery,
  uuid,
  writerNumber,
} from './common.js';
import { pastDecision } from './decisions.js';
import { others } from './form-fields.js';
import { type FormFields, file, type OperationSchemas } from './operation-schemas.js';

const state = z.enum(ENROLMENT_STATES).meta({
  id: 'EnrolmentState',
  description:
    'enrolling: too few references yet; stale: there were enough, but they expired, aged, or are of another model',
});
const referenceState = z.enum(['enrolled', 'doubtful', 'retired']).meta({
  id: 'ReferenceState',
  description: 'doubtful: does not fit the others; only enrolled ones are compared with',
});

const writer = {
  id: uuid,
  externalRef: writerNumber,
  name: z.string().nullable(),
  state,
  createdAt: instant,
  expiresAt: instant.nullable(),
  staleFrom: instant.nullable().describe('when a writer who is ready will be stale, if nothing changes'),
};

const doubt = z
  .object({
    modelId: z.string(),
    distance: z.number().describe('to the others, fused'),
    threshold: z.number().nullable().describe('of a model without calibration'),
    logLikelihoodRatio: z.number().nullable().describe('log10, genuine against skilled forgery'),
    distances: z.record(z.string(), z.number()).describe('to each of the others, by its id'),
    reason: z.string().describe('in words'),
  })
  .meta({ id: 'Doubt' });

const shownReference = z
  .object({
    id: uuid,
    state: referenceState,
    imageHash: z.string().describe('SHA-256 of the file'),
    quality: imageQuality.nullable(),
    capturedAt: instant.nullable().describe('when it was written, where that is known'),
    enrolledAt: instant,
    retiredAt: instant.nullable(),
    doubt: doubt.nullable().describe('why it was questioned when it came'),
    confirmedAt: instant.nullable(),
    confirmedBy: z.string().nullable(),
  })
  .meta({ id: 'Reference' });

const verdict = {
  state,
  reason: z.string().describe('why the writer is in this state'),
  staleFrom: writer.staleFrom,
};

const enrolmentOutcome = z
  .object({
    writerId: uuid,
    references: z
      .array(
        z.object({
          id: uuid,
          imageHash: z.string(),
          state: z.enum(['enrolled', 'doubtful']),
          doubt: doubt.nullable(),
        }),
      )
      .describe('in the order of what came'),
    ...verdict,
  })
  .meta({ id: 'EnrolmentOutcome' });

const referenceChange = z.object({ referenceId: uuid, ...verdict });

const capturedAt = instantInput.describe('when it was written; without it, it ages from now');

const newReferences = z
  .array(
    z.strictObject({
      image: image('A genuine signature'),
      capturedAt: capturedAt.optional(),
    }),
  )
  .describe('genuine signatures');

const newWriter = {
  writer: writerNumber,
  name: line(200).optional(),
  expiresAt: instantInput.optional().describe('the enrolment is stale from then on'),
};

const formOfReferences = {
  references: z.array(image('A genuine signature')).optional().describe('a file each'),
  capturedAt: z.array(capturedAt).optional().describe('once for all of them, or once for each in their order'),
};

/** Files under `references`, with their `capturedAt`. */
function referencesFromForm(fields: FormFields): unknown {
  const [files, instants] = [fields.get('references') ?? [], fields.get('capturedAt') ?? []];
  const capturedAt = (i: number) => {
    if (instants.length <= 1) return instants[0];
    return instants.length === files.length ? instants[i] : instants; // a list is refused
  };
  const references = files.map((image, i) => ({ image, capturedAt: capturedAt(i) }));
  return { ...others(fields, ['references', 'capturedAt']), references };
}

const consistency = z
  .object({
    modelId: z.string(),
    threshold: z.number().describe('two signatures that lie farther apart the model takes for two people’s'),
    references: z.array(
      z.object({
        id: uuid,
        state: referenceState,
        doubt: doubt.nullable().describe('why it was questioned when it came'),
        confirmedBy: z.string().nullable(),
        distance: z.number().nullable().describe('to the other enrolled ones, fused; null where there is none'),
        misfit: doubt.nullable().describe('why it would be questioned if it came today'),
      }),
    ),
    distances: z.array(z.array(z.number())).describe('between any two, in the order of `references`'),
    spread: z.number().nullable().describe('mean distance between the enrolled ones'),
  })
  .meta({ id: 'WriterConsistency' });

const erasureReport = z
  .object({
    writers: z.array(
      z.object({
        id: uuid
          .nullable()
          .describe('null for a number that nobody was enrolled under, but imports or bulk work had noted'),
        removed: z.object({
          ...{ references: z.int(), embeddings: z.int(), decisions: z.int(), cases: z.int() },
          ...{ importItems: z.int(), bulkItems: z.int(), jobs: z.int(), answers: z.int() },
        }),
      }),
    ),
    searched: z
      .object({
        needles: z.int().describe('byte strings that were looked for'),
        tables: z.int(),
        files: z.int().nullable().describe('of an embedded store'),
        bytes: z.int().nullable(),
      })
      .describe('after the erasure, and nothing was found'),
    compacted: z
      .boolean()
      .describe('whether the tables were rewritten: else bytes are in files until `countersign db compact`'),
    auditRows: z.int().describe('that name ids or hashes, by design'),
    shared: z.array(z.string()).describe('found, but is or may be another’s'),
    notSoughtInFiles: z.array(z.string()).describe('too short to be told from chance in a file'),
    notes: z.array(z.string()).describe('what only an operator can do'),
  })
  .meta({ id: 'ErasureReport' });

const everything = z
  .looseObject({
    format: z.literal('countersign-writer'),
    version: z.literal(1),
    exportedAt: instant,
    writer: z.object(writer),
    references: z.array(z.looseObject({ id: uuid, image: z.string().describe('name among `images`') })),
    decisions: z.array(z.looseObject({ id: uuid, cases: z.array(z.looseObject({ id: uuid })) })),
    documents: z.array(z.looseObject({ id: uuid })).describe('that several may have signed, the writer among them'),
    imports: z.array(z.looseObject({})),
    bulkItems: z.array(z.looseObject({ jobId: uuid, position: z.int() })),
    jobs: z.array(z.looseObject({})),
    jobRefusals: z.array(z.looseObject({})),
    auditLog: z.array(z.looseObject({ seq: z.int() })),
    images: z.record(z.string(), z.string()).describe('base64, by their names'),
  })
  .meta({ id: 'WriterExport' });

const ofWriter = z.object({ writer: writerNumber });
const ofReference = z.object({ writer: writerNumber, reference: uuid });

export const writerSchemas = {
  listWriters: {
    query: z.object({
      state: state.optional(),
      doubtful: flag.optional().describe('only those with a doubtful reference'),
      search: line(200).optional().describe('how number or name begins, in capitals or not'),
      ...listQuery,
    }),
    answer: listOf(
      z
        .object({
          ...writer,
          references: z.object({ enrolled: z.int(), doubtful: z.int(), retired: z.int() }),
        })
        .meta({ id: 'ListedWriter' }),
    ),
  },
  enrolWriter: {
    body: z.strictObject({ ...newWriter, references: newReferences.default([]) }),
    fromForm: referencesFromForm,
    form: z.strictObject({ ...newWriter, ...formOfReferences }),
    once: true,
    status: 201,
    answer: enrolmentOutcome,
  },
  getWriter: {
    params: ofWriter,
    answer: z.object({ ...writer, reason: verdict.reason, references: z.array(shownReference) }).meta({ id: 'Writer' }),
  },
  changeWriter: {
    params: ofWriter,
    body: z.strictObject({ expiresAt: instantInput.nullable().describe('stale from then on; null for never') }),
    answer: z.object(verdict),
  },
  eraseWriter: {
    params: ofWriter,
    query: z.object({
      compact: flag
        .optional()
        .describe('rewrite the tables now, for which others wait on a server; without it, in a folder yes, else not'),
    }),
    answer: erasureReport,
  },
  exportWriter: { params: ofWriter, answer: everything },
  addReferences: {
    params: ofWriter,
    body: z.strictObject({ references: newReferences.min(1) }),
    fromForm: referencesFromForm,
    form: z.strictObject(formOfReferences),
    once: true,
    status: 201,
    answer: enrolmentOutcome,
  },
  referenceImage: {
    params: ofReference,
    answer: file(
      'the file as it was enrolled; that it was read is put on record',
      ...['image/png', 'image/jpeg', 'image/webp', 'image/tiff', 'image/gif'],
    ),
  },
  confirmReference: { params: ofReference, answer: referenceChange },
  retireReference: { params: ofReference, answer: referenceChange },
  writerConsistency: { params: ofWriter, answer: consistency },
  writerDecisions: { params: ofWriter, query: z.object(listQuery), answer: listOf(pastDecision) },
} as const satisfies Record<string, OperationSchemas>;
