import { it } from 'vitest';
import { openDataset } from '/work/main/src/data/open-dataset.js';
import { loadPreprocessed } from '/work/main/src/data/zz-cache.js';
import { preprocessOptionsSchema } from '/work/main/src/image/options.js';
it('real', { timeout: 1600000 }, async () => {
  const h = await openDataset(`/work/shared/data/BHSig260/Hindi`);
  const o = preprocessOptionsSchema.parse({});
  const out: string[] = [];
  for (let k = 0; k < 3; k++) {
    const t = performance.now(); const c = process.cpuUsage();
    const r = await loadPreprocessed(h.samples, o, { cacheDir: '/tmp/scratch/cache' });
    const u = process.cpuUsage(c); out.push(`${r.cache.hits} ${(performance.now() - t).toFixed(0)} wall ${((u.user + u.system) / 1000).toFixed(0)} cpu`);
  }
  console.log('RESULT', process.env.VARIANT, out.join(' | '));
});
