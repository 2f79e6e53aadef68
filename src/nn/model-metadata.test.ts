import { describe, expect, it } from 'vitest';
import { madeUpMetadata } from '../evaluate/made-up-metadata.fixture.js';
import { learntFrom } from './model-metadata.js';

describe('what a model learnt from', () => {
  it('is its own sets, those of its ancestors and those of its ranges, each once with each list', () => {
    const cedar = { dataset: 'cedar', protocol: 'cedar/published' };
    const made = { dataset: 'synthetic', protocol: null };
    const lists = { datasets: ['cedar', 'synthetic'], protocols: ['cedar/published'] };
    const { training } = madeUpMetadata({ ...lists, ancestry: [made, cedar, made] });
    const quantization = { model: 'mine', ...cedar, images: 1, seed: 1, version: '0.1.0' };
    expect(learntFrom({ training, quantization })).toEqual([made, cedar]);
    const unlisted = { dataset: 'cedar', protocol: null };
    expect(learntFrom({ training, quantization: { ...quantization, ...unlisted } })).toEqual([made, cedar, unlisted]);
  });
});
