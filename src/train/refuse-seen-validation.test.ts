import { describe, expect, it } from 'vitest';
import type { SampleOfSet } from '../metric/sampler.js';
import { refuseSeenValidation } from './refuse-seen-validation.js';

const sample = (dataset: string, writer: string): SampleOfSet => ({
  ...{ id: writer, writer: `${dataset}/${writer}`, identity: `${dataset}/${writer}`, kind: 'genuine', path: '' },
  ...{ dataset, text: '' },
});
const ancestry = [{ dataset: 'bank', protocol: null }];

describe('validation writers', () => {
  it('are of sets that the start knows nothing of, or those whom it held out', () => {
    const start = { ancestry, heldOut: ['bank/3', 'bank/4'] };
    refuseSeenValidation([sample('bank', '3'), sample('notary', '9')], start, 'float');
    refuseSeenValidation([sample('bank', '1')], { ancestry: [], heldOut: [] }, 'mobilenet-v2.safetensors');
  });

  it('are refused where the start may have learnt from them', () => {
    const validation = [sample('bank', '3'), sample('bank', '7'), sample('bank', '7'), sample('notary', '9')];
    expect(() => refuseSeenValidation(validation, { ancestry, heldOut: ['bank/3'] }, 'float')).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_MISMATCH', details: { init: 'float', writers: ['bank/7'] } }),
    );
  });
});
