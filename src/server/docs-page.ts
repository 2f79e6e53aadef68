/** The document of the service and its errors as pages that a person reads: plain HTML, nothing from elsewhere. */
import type { OpenApiDocument, OperationObject } from '../api/document.js';
import { ERROR_CATALOGUE } from '../core/errors.js';

type Node = Readonly<Record<string, unknown>>;

/** All operations, by their tags. */
export function docsPage({ info, tags, paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const sections = (tags as readonly { name: string; description: string }[]).map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    if (own.length === 0) return '';
    const articles = own.map(({ method, path, operation }) => article(method, path, operation)).join('\n');
    return `<section id="${name}"><h2>${escape(name)}</h2><p>${escape(description)}</p>${articles}</section>`;
  });
  const schemas = Object.entries(components.schemas as Readonly<Record<string, Node>>).map(
    ([name, schema]) =>
      `<details id="schema-${name}"><summary><code>${escape(name)}</code></summary>${json(schema)}</details>`,
  );
  const contents = (tags as readonly { name: string }[]).map(({ name }) => `<a href="#${name}">${name}</a>`);
  return page(
    `${info.title} API`,
    `<p>${escape(String(info.description))} Version ${escape(String(info.version))}.
<a href="/openapi.json">OpenAPI 3.1</a> · <a href="/docs/errors">Errors</a></p>
<nav>${contents.join(' · ')} · <a href="#schemas">schemas</a></nav>
${sections.join('\n')}
<section id="schemas"><h2>schemas</h2>${schemas.join('\n')}</section>`,
  );
}

/** All codes, with what to do. */
export function errorsPage(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, { status, hint }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escape(hint)}</td></tr>`,
  );
  return page(
    'Errors',
    `<p><a href="/docs">API</a></p><table><thead><tr><th>code</th><th>status</th><th>what to do</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`,
  );
}

function article(method: string, path: string, operation: OperationObject): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const parts = [
    parameters.length === 0 ? '' : `<h4>Parameters</h4>${json(parameters)}`,
    requestBody === undefined ? '' : `<h4>Body</h4>${json(requestBody.content)}`,
    `<h4>Answer</h4>${json(Object.fromEntries(Object.entries(responses).filter(([status]) => status !== 'default')))}`,
  ];
  return `<article id="${operationId}">
<h3><code class="method">${method.toUpperCase()}</code> <code>${escape(path)}</code></h3>
<p>${escape(summary)}. ${escape(description)}</p>
<details><summary>Parameters, body, answer</summary>${parts.join('')}</details>
</article>`;
}

/** With links to the schemas it refers to. */
function json(value: unknown): string {
  const text = escape(JSON.stringify(value, null, 2));
  return `<pre>${text.replace(/#\/components\/schemas\/(\w+)/g, '<a href="#schema-$1">$1</a>')}</pre>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body><main><h1>${escape(title)}</h1>
${body}
</main></body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string) => text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);

export const DOCS_STYLE = `:root { color-scheme: light dark; --edge: light-dark(#d5dae1, #3a414b); --quiet: light-dark(#f4f6f8, #1b2026); }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--edge); text-transform: capitalize; }
h3 { margin: 1.5rem 0 0; font-size: 1rem; }
p { margin: .25rem 0; }
pre { overflow-x: auto; padding: .75rem; border-radius: .5rem; background: var(--quiet); font-size: .8rem; }
code { font-family: ui-monospace, monospace; }
.method { padding: .1rem .4rem; border: 1px solid var(--edge); border-radius: .3rem; }
table { border-collapse: collapse; }
td, th { padding: .4rem .6rem; border-bottom: 1px solid var(--edge); text-align: left; vertical-align: top; }
:target { outline: 2px solid Highlight; outline-offset: .3rem; }
`;
