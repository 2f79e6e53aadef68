/** Two or more images, nothing stored: as a program asks the service. */
import { describe, expect, it } from 'vitest';
import { createVerifier } from '../../src/verify/verifier.js';
import { useService } from './running-service.js';
import { base64, forged, genuine } from './signatures.js';

describe('compare', () => {
  const service = useService();

  it('answers what the library answers, from JSON and from a form', async () => {
    const [a, b, questioned] = await Promise.all([genuine(1, 1), genuine(1, 2), genuine(1, 3)]);
    const body = { references: [base64(a), `data:image/png;base64,${base64(b)}`], questioned: base64(questioned) };
    const answered = await service().ask('compare', { body });
    const verifier = await createVerifier();
    const expected = await verifier.verify([a, b], questioned);
    await verifier.close();
    const { timingMs, ...result } = JSON.parse(JSON.stringify(expected));
    expect(answered).toEqual({ ...result, timingMs: { preprocess: null, embed: null, total: expect.any(Number) } });
    expect(timingMs.total).toBeGreaterThan(0);

    const form = new FormData();
    for (const reference of [a, b]) form.append('references', new Blob([reference]), 'reference.png');
    form.append('questioned', new Blob([questioned]));
    form.append('threshold', '0.1');
    const ofForm = await service().ask('compare', { body: form });
    expect(ofForm).toMatchObject({
      distance: answered.distance,
      threshold: 0.1,
      thresholdSource: 'given by the caller',
    });
  });

  it('says that a page without a signature allows no decision', async () => {
    const blank = await (await import('sharp'))
      .default({
        create: { width: 300, height: 100, channels: 3, background: '#fff' },
      })
      .png()
      .toBuffer();
    const body = { references: [base64(await genuine(1, 1))], questioned: base64(blank) };
    const answered = await service().ask('compare', { body });
    expect(answered).toMatchObject({ decision: 'inconclusive', distance: null, quality: null });
  });

  it('keeps error rates that were asked for, or says why it cannot', async () => {
    const body = {
      references: [base64(await genuine(1, 1))],
      questioned: base64(await forged(1, 1)),
      far: 0.1,
      frr: 0.1,
    };
    const answered = await service().ask('compare', { body });
    expect(answered.rejectAbove).toBeGreaterThan(answered.threshold);
    await service().refused('compare', { body: { ...body, far: 0.0001 } }, 'TARGET_UNSUPPORTED');
    await service().refused('compare', { body: { ...body, threshold: 0.5 } }, 'INVALID_ARGUMENT');
  });
});
