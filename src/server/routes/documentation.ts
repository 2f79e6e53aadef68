/** The document of the service, for programs and for people: the same for everybody, so no key is needed. */
import type { Hono } from 'hono';
import { openApiDocument } from '../../api/document.js';
import { VERSION } from '../../version.js';
import { DOCS_STYLE, docsPage, errorsPage } from '../docs-page.js';
import type { Environment } from '../environment.js';
import type { AddOperation } from '../operation.js';

const DOCUMENT = openApiDocument(VERSION);
/** Whoever asks needs no key, so that they are asked for costs nothing. */
const [PAGE, ERRORS] = [docsPage(DOCUMENT), errorsPage()];

export function documentRoutes(add: AddOperation): void {
  add('document', () => DOCUMENT as unknown as Record<string, unknown>);
}

export function addDocsPages(app: Hono<Environment>): void {
  app.get('/docs', (c) => c.html(PAGE));
  app.get('/docs/errors', (c) => c.html(ERRORS));
  app.get('/docs/style.css', (c) => c.text(DOCS_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
}
