/**
 * A page with nothing on it but modules of src/web that need a browser, built as the real page is, under the real page's
 * content security policy.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';

export interface LocalPage {
  readonly url: string;
  /** By file, of our own scripts: bytes compressed. */
  readonly scriptBytes: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** What the script imports, by the last part of the path. */
const MODULES = ['local/assets', 'local/engine', 'local/ink-picture', 'overlay/draw', 'overlay/overlay'];
const SCRIPT = 'test/web/local-page-script.mjs';
const HTML = '<!doctype html><title>Local</title><script type="module" src="script.js"></script>';
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.onnx': 'application/octet-stream',
};
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'";

/** @param folder - to build into */
export async function serveLocalPage(folder: string): Promise<LocalPage> {
  const built = (await build({
    root: 'src/web',
    configFile: false,
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: Object.fromEntries(MODULES.map((path) => [basename(path), `src/web/${path}.ts`])),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  })) as Rollup.RollupOutput;

  const contentOf = (path: string) => {
    if (path === '/') return HTML;
    if (path === '/favicon.ico') return '';
    return readFile(path === '/script.js' ? SCRIPT : join(folder, path)).catch(() => undefined);
  };
  const server = createServer(async (request, response) => {
    const content = await contentOf(request.url!);
    response.writeHead(content === undefined ? 404 : 200, {
      'content-type': TYPES[extname(request.url!)] ?? 'text/html',
      'content-security-policy': POLICY,
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const scripts = built.output.filter(({ fileName }) => fileName.endsWith('.js'));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    scriptBytes: Object.fromEntries(
      scripts.map((file) => [
        file.fileName.replace(/-[\w-]{8}\.js$/, '.js'),
        gzipSync(file.type === 'chunk' ? file.code : file.source).length,
      ]),
    ),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
