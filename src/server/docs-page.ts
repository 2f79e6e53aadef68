/** The document of the service and its errors as pages that a person reads: plain HTML, nothing from elsewhere. */
import type { OpenApiDocument, OperationObject } from '../api/document.js';
import { type CatalogueEntry, ERROR_CATALOGUE } from '../core/errors.js';
import { type Content, html, Markup } from '../evaluate/html/markup.js';

/** All operations, by their tags. */
export function docsPage({ info, tags, paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    const articles = own.map(({ method, path, operation }) => article(method, path, operation));
    return html`<section id="${name}"><h2>${name}</h2><p>${description}</p>${articles}</section>\n`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      html`<details id="schema-${name}"><summary><code>${name}</code></summary>${json(schema)}</details>\n`,
  );
  return page(
    `${info.title} API`,
    html`<p>${info.description} Version ${info.version}.
<a href="/openapi.json">OpenAPI 3.1</a> · <a href="/docs/errors">Errors</a></p>
<nav>${tags.map(({ name }) => html`<a href="#${name}">${name}</a> · `)}<a href="#schemas">schemas</a></nav>
${sections}
<section id="schemas"><h2>schemas</h2>${schemas}</section>`,
  );
}

/** All codes, with what to do. */
export function errorsPage(): string {
  const entries: [string, CatalogueEntry][] = Object.entries(ERROR_CATALOGUE);
  const rows = entries.map(
    ([code, { status, hint, serviceHint = hint }]) =>
      html`<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${serviceHint}</td></tr>\n`,
  );
  return page(
    'Errors',
    html`<p><a href="/docs">API</a></p>
<table><thead><tr><th>code</th><th>status</th><th>what to do</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}

function article(method: string, path: string, operation: OperationObject): Markup {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const { default: _, ...answers } = responses;
  return html`<article id="${operationId}">
<h3><code class="method">${method.toUpperCase()}</code> <code>${path}</code></h3>
<p>${summary}. ${description}</p>
<details><summary>Parameters, body, answer</summary>
${parameters.length === 0 ? null : html`<h4>Parameters</h4>${json(parameters)}`}
${requestBody === undefined ? null : html`<h4>Body</h4>${json(requestBody.content)}`}
<h4>Answer</h4>${json(answers)}</details>
</article>\n`;
}

/** With links to the schemas it refers to. */
function json(value: unknown): Markup {
  const { text } = html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
  return new Markup(text.replace(/#\/components\/schemas\/(\w+)/g, '<a href="#schema-$1">$1</a>'));
}

function page(title: string, body: Content): string {
  return html`${new Markup('<!doctype html>')}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>
`.text;
}

export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --edge: light-dark(#d5dae1, #3a414b);
  --quiet: light-dark(#f4f6f8, #1b2026);
}
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
