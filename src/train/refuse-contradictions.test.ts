import { describe, expect, it } from 'vitest';
import { trainConfigSchema } from './config.js';
import { refuseContradictions } from './refuse-contradictions.js';

/** Each image by itself is changed little, a writer's all the same way. */
const augment = { rotationDegrees: 4, shear: 0.06, aspect: 0.08, handWarp: 0.9 };

describe('refuseContradictions', () => {
  const check = (config: object) => () => refuseContradictions(trainConfigSchema.parse(config));

  it('lets pass what fits together', () => {
    expect(check({})).not.toThrow();
    expect(check({ imitated: 0.3, augment, careful: true })).not.toThrow();
  });

  it.each([
    [{ imitated: 0.3, augment: { ...augment, handWarp: 0 } }, /--augment-hand-warp above 0/],
    [{ imitated: 0.3, augment: { ...augment, rotationDegrees: 8 } }, /--augment-rotation-degrees at most 4,/],
    [{ imitated: 0.3, augment: { ...augment, aspect: 0.2 } }, /--augment-aspect at most 0\.16/],
    [
      { whiteningShare: 0.5, architecture: { radius: true } },
      /--radius-share fits another, --architecture-radius false/,
    ],
    [{ featureShare: 0.5, architecture: { radius: true } }, /--feature-share turn/],
    [{ careful: true, architecture: { embeddingSize: 1024 } }, /--architecture-embedding-size 512 at most/],
    [{ careful: true, featureShare: 0.5, mergedSize: 513 }, /--merged-size 512 at most/],
    [{ steps: 0, startShare: 0.5 }, /--start-share and --distillation want steps/],
    [{ mergedSize: 512 }, /--merged-size wants a --feature-share/],
    [{ mapsTogether: true }, /--maps-together wants a --feature-share/],
    [{ featureShare: 0.5, mergedSize: 1 }, /--merged-size wants 2 numbers at least/],
  ])('refuses %j', (config, message) => {
    expect(check(config)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});
