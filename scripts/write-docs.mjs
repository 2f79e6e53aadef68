// Writes what docs/ takes from the code: `npm run docs` (builds first).
import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../dist/api/document.js';
import { variableOf } from '../dist/cli/schema-environment.js';
import { protocolSchema } from '../dist/data/protocol.js';
import { adapterSchema } from '../dist/nn/adapter.js';
import { policySchema } from '../dist/policy/document.js';
import { serviceConfigSchema } from '../dist/server/config.js';
import { trainConfigSchema } from '../dist/train/config.js';
import { VERSION } from '../dist/version.js';
import { renderJsonSchema } from './json-schema.mjs';
import { renderServiceOptions } from './service-options.mjs';
import { renderTrainingOptions } from './training-options.mjs';

const write = (name, text) => writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);

write('training-options.md', renderTrainingOptions(trainConfigSchema));
write('protocol.schema.json', renderJsonSchema(protocolSchema, 'countersign/protocol@1'));
write('adapter.schema.json', renderJsonSchema(adapterSchema, 'countersign/adapter@1'));
write('policy.schema.json', renderJsonSchema(policySchema, 'countersign/policy@1'));
write('service-options.md', renderServiceOptions(serviceConfigSchema, variableOf));
write('openapi.json', `${JSON.stringify(openApiDocument(VERSION), null, 2)}\n`);
