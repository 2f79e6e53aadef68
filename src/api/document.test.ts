import { describe, expect, it } from 'vitest';
import { openApiDocument } from './document.js';
import { OPERATIONS } from './operations.js';

describe('the document', () => {
  const document = openApiDocument('1.2.3');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, operation })),
  );

  it('has a schema for each that it refers to, and refers to each that it has', () => {
    const referred = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect([...new Set(referred)].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(JSON.stringify(document)).not.toMatch(/\$defs|"\$schema"/);
  });

  it('declares the parameters that a path has, and no other', () => {
    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name).sort(), path).toEqual(named.sort());
    }
  });

  it('says of each operation what it is, who may ask, and what comes back', () => {
    expect(operations.map(({ operation }) => operation.operationId).sort()).toEqual(Object.keys(OPERATIONS).sort());
    for (const { operation } of operations) {
      expect(operation.summary, operation.operationId).toMatch(/\w/);
      expect(Object.keys(operation.responses)).toHaveLength(2); // done, or a problem
    }
  });

  it('lets whatever holds an image come as a form of files too', () => {
    const ofCompare = document.paths['/v1/compare']!.post!.requestBody as {
      content: Record<string, { schema: object }>;
    };
    expect(Object.keys(ofCompare.content)).toEqual(['application/json', 'multipart/form-data']);
    const { schema } = ofCompare.content['multipart/form-data']!;
    expect(JSON.stringify(schema)).toContain('"contentMediaType":"application/octet-stream"');
    expect(JSON.stringify(schema)).not.toContain('base64"');
  });
});
