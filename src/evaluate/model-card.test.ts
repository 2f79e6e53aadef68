import { describe, expect, it } from 'vitest';
import { modelMetadataSchema } from '../nn/model-metadata.js';
import { madeUp } from './made-up.fixture.js';
import { renderModelCard } from './model-card.js';
import { evaluateProtocol } from './protocol.js';

const metadata = modelMetadataSchema.parse({
  schema: 'countersign/model@1',
  id: 'mine-0123456789ab',
  architecture: {},
  preprocess: {},
  threshold: { value: 0.75, source: 'equal error rate on 10 validation writers of cedar' },
  similarity: { slope: 18, intercept: -15 },
  training: {
    datasets: ['cedar'],
    developmentWriters: 40,
    validationWriters: 10,
    dataHash: 'da7a',
    seed: 3,
    step: 200,
    loss: 'triplet',
    initialWeights: 'start.safetensors',
    validationEer: 0.0712,
    version: '0.1.0',
    protocols: ['cedar/published'],
    ancestry: [{ dataset: 'bank | <b>', protocol: null }],
  },
});
const file = { name: 'model.onnx', bytes: 9_493_572, sha256: 'f11e' };
const leak = { probe: { eer: 0.25, auc: 0.8, fittedWriters: 40, testWriters: 6 }, randomSplits: null };
const provenance = {
  command: 'countersign evaluate --data cedar',
  date: null,
  version: '0.1.0',
  seed: 1,
  dataHash: 'beef',
  model: null,
};
const own = evaluateProtocol({ ...madeUp(6, 0.5), dataset: 'cedar', protocol: 'cedar/published', leak, provenance });
const other = evaluateProtocol({ ...madeUp(6, 0.4), dataset: 'elsewhere', protocol: 'all writers' });

describe('a model card', () => {
  const card = renderModelCard({
    metadata,
    file,
    reports: [own, other],
    sources: new Map([['start.safetensors', 'ours: free']]),
  });

  it('says what the model learnt from, what was kept out, and on which terms', () => {
    expect(card).toContain(
      '| cedar | test writers of cedar/published | CEDAR (Kalera, Srihari and Xu 2004): for research only |',
    );
    expect(card).toContain('| bank \\| &lt;b> | none | terms not known to this card');
    expect(card).toContain('| initial weights: start.safetensors | | ours: free |');
    expect(card).toContain('40 writers to learn from and 10 for checkpoint');
  });

  it('has a row of figures for each report, with the probe beside', () => {
    const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
    const [first, second] = card.split('\n').filter((line) => /^\| (cedar|elsewhere), .* \(6 writers\)/.test(line));
    expect(first).toContain(`${percent(own.skilled.eer.value)} [`);
    expect(first).toContain('| 25.00 % |');
    expect(second).toContain('| not measured |');
    expect(second).toContain(`${percent(other.skilled.frr.value)} [`);
  });

  it('says how far it travels, how to repeat it, and what is what', () => {
    expect(card).toMatch(/On unseen writers of sets that it learnt from: EER [\d.]+ % on cedar\./);
    expect(card).toMatch(/On sets that it learnt nothing from: EER [\d.]+ % on elsewhere; .* carried over FAR/);
    expect(card).toContain('```sh\ncountersign evaluate --data cedar\n```');
    for (const id of ['mine-0123456789ab', 'f11e', 'da7a', 'beef']) expect(card).toContain(`\`${id}\``);
    expect(card).toContain('9.5 MB');
    expect(card).not.toMatch(/undefined|NaN|\[object/);
  });

  it('without reports says so', () => {
    const bare = renderModelCard({ metadata, file, reports: [] });
    expect(bare).toContain('None: no report was given.');
    expect(bare).toContain('how far it travels is not known');
  });
});
