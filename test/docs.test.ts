/** The reference pages say what the code says. */
import { readdirSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { renderJsonSchema } from '../scripts/json-schema.mjs';
import { renderServiceOptions } from '../scripts/service-options.mjs';
import { renderTrainingOptions } from '../scripts/training-options.mjs';
import { openApiDocument } from '../src/api/document.js';
import { OPERATIONS, type Operation } from '../src/api/operations.js';
import { variableOf } from '../src/cli/schema-environment.js';
import { addSchemaFlags } from '../src/cli/schema-flags.js';
import { ERROR_CATALOGUE } from '../src/core/errors.js';
import { PROTOCOLS } from '../src/data/find-protocol.js';
import { protocolSchema } from '../src/data/protocol.js';
import { adapterSchema } from '../src/nn/adapter.js';
import { policySchema } from '../src/policy/document.js';
import { serviceConfigSchema } from '../src/server/config.js';
import { trainConfigSchema } from '../src/train/config.js';
import { VERSION } from '../src/version.js';

const page = (name: string) => readFileSync(`docs/${name}`, 'utf8');
/** Cells of the table rows whose first cell is code. */
const rows = (text: string) =>
  [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row]) => row!.split(/ \| /).map((cell) => cell.trim()));

describe('every page', () => {
  it.each([
    'README.md',
    'CHANGELOG.md',
    'models/README.md',
    'models/MODEL_CARD.md',
    ...readdirSync('docs')
      .filter((name) => name.includes('.'))
      .map((name) => `docs/${name}`),
  ])('%s has no place left to fill in', (name) => {
    expect(readFileSync(name, 'utf8')).not.toMatch(/@@|TODO|<!-- figures -->/);
  });
});

describe('docs/errors.md', () => {
  const documented = rows(page('errors.md')).map(([code, exitCode, status, when, what]) => ({
    code: code!.replaceAll('`', ''),
    exitCode: Number(exitCode),
    status: Number(status),
    told: [when, what].every((text) => text !== undefined && text !== ''),
  }));

  it('has one row for each code of the catalogue and no other', () => {
    expect(documented.map(({ code }) => code)).toEqual(Object.keys(ERROR_CATALOGUE));
  });

  it.each(Object.entries(ERROR_CATALOGUE))('%s has its exit code and status', (code, { exitCode, status }) => {
    expect(documented.find((row) => row.code === code)).toEqual({ code, exitCode, status, told: true });
  });
});

describe('docs/training-options.md', () => {
  const text = page('training-options.md');

  it('is what the schema says (else run `npm run docs`)', () => {
    expect(text).toBe(renderTrainingOptions(trainConfigSchema));
  });

  it('names the flags that the command takes, each with a meaning', () => {
    const command = new Command();
    addSchemaFlags(command, trainConfigSchema);
    expect(
      rows(text)
        .map(([flag]) => flag)
        .sort(),
    ).toEqual(command.options.map(({ long }) => `\`${long}\``).sort());
    for (const row of rows(text)) expect(row.at(-1), row[0]).toMatch(/\w/);
  });
});

describe('docs/service-options.md', () => {
  it('is what the schema says (else run `npm run docs`)', () => {
    expect(page('service-options.md')).toBe(renderServiceOptions(serviceConfigSchema, variableOf));
  });

  it('names the flags that the command takes', () => {
    const command = new Command();
    addSchemaFlags(command, serviceConfigSchema);
    const flags = rows(page('service-options.md')).map(([, flag]) => flag);
    const shown = command.options.filter(({ hidden }) => !hidden);
    expect(flags.sort()).toEqual(shown.map(({ long }) => `\`${long}\``).sort());
  });
});

describe('docs/openapi.json', () => {
  it('is what the operations and their schemas say (else run `npm run docs`)', () => {
    expect(JSON.parse(page('openapi.json'))).toEqual(JSON.parse(JSON.stringify(openApiDocument(VERSION))));
  });
});

describe('docs/protocol.schema.json', () => {
  it('is what the schema says (else run `npm run docs`)', () => {
    expect(page('protocol.schema.json')).toBe(renderJsonSchema(protocolSchema, 'countersign/protocol@1'));
  });
});

describe('docs/policy.schema.json', () => {
  it('is what the schema says (else run `npm run docs`)', () => {
    expect(page('policy.schema.json')).toBe(renderJsonSchema(policySchema, 'countersign/policy@1'));
  });
});

describe('docs/service-writers.md', () => {
  it('asks only for operations that there are', () => {
    const operations: readonly Operation[] = Object.values(OPERATIONS);
    const routes = operations.map(({ method, path }) => ({
      method: method.toUpperCase(),
      path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
    }));
    const text = page('service-writers.md');
    const calls = text.replaceAll('\\\n', '').matchAll(/^curl .*?\$SERVICE(\/[\w$/-]+)(.*)$/gm);
    const asked = [...calls].map(([line, path, rest]) => {
      const method = /-X (\w+)/.exec(line)?.[1] ?? (/ -[dF] /.test(rest!) ? 'POST' : 'GET');
      return { method, path: path! };
    });
    for (const [, method, path] of text.matchAll(/`(GET|POST) (\/v1\/[^` ]+)`/g))
      asked.push({ method: method!, path: path! });
    expect(asked.length).toBeGreaterThan(15);
    for (const { method, path } of asked) {
      const known = routes.some((route) => route.method === method && route.path.test(path));
      expect(known, `${method} ${path}`).toBe(true);
    }
  });
});

describe('docs/evaluation.md', () => {
  it('lists each protocol of the package that is of a set, and no other', () => {
    const [, section] = /^## Lists of test writers\n([\s\S]*?)^## /m.exec(page('evaluation.md'))!;
    const listed = rows(section!)
      .map(([name]) => name!.replaceAll('`', ''))
      .filter((name) => name !== '--protocol');
    const ofSets = PROTOCOLS.filter(({ dataset }) => dataset !== undefined);
    expect(listed.sort()).toEqual(ofSets.map(({ name }) => name).sort());
  });
});

describe('docs/adapter.schema.json', () => {
  it('is what the schema says (else run `npm run docs`)', () => {
    expect(page('adapter.schema.json')).toBe(renderJsonSchema(adapterSchema, 'countersign/adapter@1'));
  });

  it('has each of its fields told in the guide', () => {
    const [, section] = /^## Bring your own model\n([\s\S]*?)^## /m.exec(page('guide.md'))!;
    const fields = Object.entries(adapterSchema.parse({ schema: 'countersign/adapter@1' })).flatMap(([name, value]) =>
      typeof value === 'object'
        ? Object.keys(adapterSchema.shape[name as 'input'].unwrap().shape).map((key) => `${name}.${key}`)
        : [name],
    );
    expect(fields).toContain('input.mean');
    const told = rows(section!).flatMap(([field]) => field!.replaceAll('`', '').split(', '));
    expect(told.sort()).toEqual(fields.sort());
  });
});

describe('docs', () => {
  const pages = readdirSync('docs').filter((name) => name.endsWith('.md'));

  it.each(pages)('%s links only to pages and headings that are there', (name) => {
    const anchors = (text: string) =>
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
    for (const [, target] of page(name).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [file, anchor] = target!.split('#');
      const text = file === '' ? page(name) : page(file!);
      if (anchor !== undefined) expect(anchors(text), target).toContain(anchor);
    }
  });

  it.each(pages)('%s names only files of the project that are there', (name) => {
    for (const [, file] of page(name).matchAll(/`((?:src|test|scripts)\/[\w./-]+\.(?:ts|mjs))`/g)) {
      expect(() => readFileSync(file!), file).not.toThrow();
    }
  });
});
