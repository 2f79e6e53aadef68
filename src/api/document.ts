/** OpenAPI 3.1, made from the operations and their schemas. */
import { z } from 'zod';
import { OPERATIONS, type Operation, type OperationName } from './operations.js';
import { problemDocument } from './schemas/common.js';
import type { FileAnswer, OperationSchemas } from './schemas/operation-schemas.js';
import { SCHEMAS } from './schemas.js';

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: Operation['tag']; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

export interface OperationObject {
  readonly operationId: OperationName;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly Json[];
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
}

const TAGS: Readonly<Record<Operation['tag'], string>> = {
  compare: 'Two or more images; nothing is stored.',
  writers: 'Enrolled writers and their references.',
  decisions: 'Decisions on signatures of enrolled writers, on record.',
  policies: 'What is decided on which amount, and settings.',
  review: 'Cases that a person decides.',
  jobs: 'Bulk work.',
  evidence: 'Models, error rates, figures of this installation.',
  administration: 'Audit log and keys.',
  service: 'The service itself.',
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description:
    'Any text that is new for each new request. The same request with the same text, within a day, is answered as before and has no effect again.',
};

/** @param version - of the program */
export function openApiDocument(version: string): OpenApiDocument {
  const components = new Map<string, Json>();
  const toSchema = (schema: z.ZodType) => jsonSchema(schema, components);
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const name of Object.keys(OPERATIONS) as OperationName[]) {
    const { path, method }: Operation = OPERATIONS[name];
    paths[path] ??= {};
    paths[path][method] = operationObject(name, toSchema);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version,
      description: 'Handwritten-signature verification. Errors are problem+json, with a code from /docs/errors.',
    },
    tags: (Object.keys(TAGS) as Operation['tag'][]).map((name) => ({ name, description: TAGS[name] })),
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key: csk_<id>_<secret>' } },
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

function operationObject(name: OperationName, toSchema: (schema: z.ZodType) => Json): OperationObject {
  const { summary, tag, roles }: Operation = OPERATIONS[name];
  const { params, query, body, form, answer, status = 200, once }: OperationSchemas = SCHEMAS[name];
  const parameters = [
    ...(params === undefined ? [] : parametersOf(toSchema(params), 'path')),
    ...(query === undefined ? [] : parametersOf(toSchema(query), 'query')),
    ...(once ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    ...{ operationId: name, summary, tags: [tag] },
    description: roles === 'public' ? 'Needs no key.' : `Needs a key of the role ${roles.join(' or ')}.`,
    security: roles === 'public' ? [] : [{ key: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: requestBody(toSchema(body), form && toSchema(form)) }),
    responses: {
      [status]: { description: 'Done', content: contentOf(answer, toSchema) },
      default: {
        description: 'An error',
        content: { 'application/problem+json': { schema: toSchema(problemDocument) } },
      },
    },
  };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

function parametersOf({ properties = {}, required = [] }: ObjectSchema, place: 'path' | 'query'): Json[] {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    ...{ name, in: place, required: place === 'path' || required.includes(name), schema },
    ...(description !== undefined && { description }),
  }));
}

/** Whatever holds images may come as a form too. */
function requestBody(json: Json, form: Json | undefined): Json {
  const ofForm = form ?? (holdsImages(json) ? json : undefined);
  return {
    required: ((json as ObjectSchema).required ?? []).length > 0,
    content: {
      'application/json': { schema: json },
      ...(ofForm && { 'multipart/form-data': { schema: withFiles(ofForm) } }),
    },
  };
}

const holdsImages = (schema: unknown) => JSON.stringify(schema).includes('"contentEncoding":"base64"');

/** In a form an image is a file. */
function withFiles(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema), (_, node) =>
    node?.contentEncoding === 'base64'
      ? { type: 'string', contentMediaType: 'application/octet-stream', description: node.description }
      : node,
  );
}

function contentOf(answer: z.ZodType | FileAnswer, toSchema: (schema: z.ZodType) => Json): Json {
  if (!('contentTypes' in answer)) return { 'application/json': { schema: toSchema(answer) } };
  const file = { schema: { type: 'string', description: answer.holds } };
  return Object.fromEntries(answer.contentTypes.map((type) => [type, file]));
}

/** What has an id lies once under `components`. */
function jsonSchema(schema: z.ZodType, components: Map<string, Json>): Json {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = JSON.parse(JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/'));
  for (const [id, definition] of Object.entries($defs)) components.set(id, withoutId(definition as Json));
  if (typeof rest.id !== 'string') return rest;
  components.set(rest.id, withoutId(rest));
  return { $ref: `#/components/schemas/${rest.id}` };
}

const withoutId = ({ id: _, ...definition }: Json): Json => definition;
