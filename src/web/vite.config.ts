/** Builds the page into dist/web: hashed files under assets/, which the server lets browsers keep. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  base: './',
  worker: { format: 'es' },
  build: {
    outDir: here('../../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    manifest: true,
    // The content security policy allows no inline script, which small files would become.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What all views share comes in one file instead of two dozen small ones.
        codeSplitting: {
          groups: [{ name: 'shared', test: /src\/web\/(api|parts|shell|state|evidence|overlay)\/|preact/ }],
        },
      },
    },
  },
});
