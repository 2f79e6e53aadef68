/** The built page, from its folder: only files that were there when the service started, so no path leads elsewhere. */
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context, Hono } from 'hono';
import type { Environment } from './environment.js';

/** Where `npm run build` leaves it, also for a service that runs from its sources. */
const FOLDER = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/web' : '../web', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
};

/** Files beside the file, in the order in which they are preferred. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** Names of files under assets/ have a hash of what they hold. */
const KEPT = 'public, max-age=31536000, immutable';
const ASKED_AGAIN = 'no-cache';

interface PageFile {
  readonly file: string;
  readonly type: string;
  readonly etag: string;
  readonly cache: string;
}

export function addStaticPage(app: Hono<Environment>, folder = FOLDER): void {
  const files = filesOf(folder);
  for (const name of files.keys()) {
    app.get(name === '/index.html' ? '/' : name, (c) => serve(c, files, name));
  }
  if (!files.has('/index.html')) {
    app.get('/', (c) =>
      c.html(
        '<!doctype html><title>Countersign</title><p>The page is not built: <code>npm run build</code>. <a href="/docs">API</a>',
      ),
    );
  }
}

/** By the path that asks for them. */
function filesOf(folder: string): ReadonlyMap<string, PageFile> {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return new Map(); // it is not built
  }
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const file = path.join(folder, name);
    const status = statSync(file);
    if (!status.isFile() || name.startsWith('.')) continue;
    const asked = `/${name.split(path.sep).join('/')}`;
    files.set(asked, {
      file,
      type: TYPES[path.extname(name)] ?? 'application/octet-stream',
      etag: `"${status.size.toString(16)}-${Math.trunc(status.mtimeMs).toString(16)}"`,
      cache: asked.startsWith('/assets/') ? KEPT : ASKED_AGAIN,
    });
  }
  return files;
}

async function serve(c: Context<Environment>, files: ReadonlyMap<string, PageFile>, name: string): Promise<Response> {
  const { type, cache } = files.get(name)!;
  const accepted = (c.req.header('accept-encoding') ?? '').split(',').map((part) => part.split(';')[0]!.trim());
  const encoded = ENCODINGS.find(([encoding, ending]) => accepted.includes(encoding) && files.has(`${name}${ending}`));
  const { file, etag } = files.get(`${name}${encoded?.[1] ?? ''}`)!;
  const headers = {
    ...{ 'content-type': type, 'cache-control': cache, etag, vary: 'accept-encoding' },
    ...(encoded && { 'content-encoding': encoded[0] }),
  };
  if (c.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
  return new Response(await readFile(file), { headers });
}
