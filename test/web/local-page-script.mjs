/** What tests call in the page of local-page.ts: files come and go as base64. */
import { LOCAL_MODEL_URL, LOCAL_RUNTIME_URL } from './assets.js';
import { drawOverlay } from './draw.js';
import { openLocalEngine } from './engine.js';
import { inkFromPng } from './ink-picture.js';
import { layOver } from './overlay.js';

const blobOf = (base64) => new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]);
const base64Of = async (blob) => {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
};
const orError = (promise) =>
  promise.catch(({ name, code, message, hint }) => ({ error: { name, code, message, hint } }));

let engine;

globalThis.local = {
  async open(options) {
    const progress = [];
    const onProgress = (share) => progress.push(share);
    const started = performance.now();
    const opened = await orError(
      openLocalEngine({ modelUrl: LOCAL_MODEL_URL, wasmUrl: LOCAL_RUNTIME_URL, onProgress, ...options }),
    );
    if ('error' in opened) return opened;
    engine = opened;
    return { modelId: engine.model.id, progress, ms: performance.now() - started };
  },
  compare: (references, questioned) => orError(engine.compare(references.map(blobOf), blobOf(questioned))),
  clean: (picture) => orError(engine.clean(blobOf(picture)).then(base64Of)),
  /** One picture against itself, twice: what is kept of the first time is seen by the second. */
  async compareAgain(reference, questioned) {
    const blobs = [[blobOf(reference)], blobOf(questioned)];
    const first = await engine.compare(...blobs);
    const again = [];
    for (let time = 0; time < 5; time++) again.push(await engine.compare(...blobs));
    return [first, again.reduce((best, next) => (next.timingMs.total < best.timingMs.total ? next : best))];
  },
  async abort(picture) {
    const controller = new AbortController();
    const result = orError(engine.compare([blobOf(picture)], blobOf(picture), controller.signal));
    controller.abort();
    return result;
  },
  /** Closed while somebody waits, and asked afterwards. */
  async close(picture) {
    const waiting = orError(engine.clean(blobOf(picture)));
    engine.close();
    return [await waiting, await orError(engine.clean(blobOf(picture)))];
  },
  /** @returns a PNG of the overlay */
  async drawOverlay(reference, questioned, size, view, colours) {
    const [own, other] = await Promise.all([reference, questioned].map((picture) => inkFromPng(blobOf(picture))));
    const canvas = new OffscreenCanvas(size.width, size.height);
    drawOverlay(canvas, layOver(own, other), view, colours);
    return base64Of(await canvas.convertToBlob());
  },
};
