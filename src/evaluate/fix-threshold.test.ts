import { describe, expect, it } from 'vitest';
import { modelMetadataSchema } from '../nn/model-metadata.js';
import { fixedAlready } from './fix-threshold.js';
import { madeUpMetadata } from './made-up-metadata.fixture.js';

const trained = madeUpMetadata();
const list = { genuine: [1], skilled: [1], random: [1] };
const calibratedOn = (writer: string) =>
  modelMetadataSchema.parse({
    ...trained,
    calibration: {
      writers: [writer],
      references: [
        {
          count: 1,
          slope: 1,
          intercept: 0,
          evidence: { distances: [1], questioned: { genuine: 1, skilled: 1, random: 1 }, writers: [list] },
        },
      ],
      logLikelihoodRatio: { low: -1, high: 1 },
    },
  });

describe('a threshold fixed already', () => {
  it.each([
    ['in training, on the set', trained, 'cedar', false],
    ['in training, elsewhere', trained, 'bank', true],
    ['in a calibration on the set', calibratedOn('bank/7'), 'bank', false],
    ['in a calibration elsewhere, after training on the set', calibratedOn('bank/7'), 'cedar', true],
    ['on a set whose name only begins the same', calibratedOn('bank-2/7'), 'bank', true],
  ])('%s', (_, model, dataset, carriedOver) => {
    expect(fixedAlready(model, undefined, dataset)!.threshold).toEqual({ ...model.threshold, carriedOver });
  });

  it('by the caller is from nobody knows where; without one, a network of others brings none', () => {
    expect(fixedAlready(trained, 0.5, 'bank')!.threshold).toMatchObject({ value: 0.5, carriedOver: null });
    expect(fixedAlready(null, undefined, 'bank')).toBeNull();
  });
});
