import { describe, expect, it } from 'vitest';
import { modelMetadataSchema } from '../nn/model-metadata.js';
import { madeUp } from './made-up.fixture.js';
import { madeUpMetadata } from './made-up-metadata.fixture.js';
import { renderModelCard } from './model-card.js';
import { evaluateProtocol } from './protocol.js';

const metadata = madeUpMetadata({
  initialWeights: 'start.safetensors',
  validationEer: 0.0712,
  protocols: ['cedar/published'],
  ancestry: [{ dataset: 'bank | <b>', protocol: null }],
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
    expect(card).toContain('40 writers to learn from and 10 for the checkpoint; ');
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
    expect(card).toMatch(/On sets of names that it did not learn from: EER [\d.]+ % on elsewhere\./);
    expect(card).not.toContain('carried over');
    const carried = { ...other, threshold: { ...other.threshold, carriedOver: true } };
    expect(renderModelCard({ metadata, file, reports: [own, carried] })).toMatch(
      /At the threshold carried over from another set: FAR [\d.]+ % and FRR [\d.]+ % on elsewhere\./,
    );
    expect(card).toContain('```sh\ncountersign evaluate --data cedar\n```');
    for (const id of ['mine-0123456789ab', 'f11e', 'da7a', 'beef']) expect(card).toContain(`\`${id}\``);
    expect(card).toContain('9.5 MB');
    expect(card).not.toMatch(/undefined|NaN|\[object/);
  });

  it('shows whose threshold a row is at, and where the shape only was seen', () => {
    const at = { ...own, threshold: { ...own.threshold, value: metadata.threshold.value } };
    const shape = { ...at, input: 'shape-only' as const };
    const mixed = renderModelCard({ metadata, file, reports: [at, shape, other] });
    expect(mixed).toMatch(/^\| cedar, cedar\/published .* \| 0\.7500, the model's \|/m);
    expect(mixed).toMatch(/^\| cedar, SHAPE ONLY, .* \| does not apply \|/m);
    expect(mixed).toMatch(/^\| elsewhere, .* \| 1\.4000, not the model's: EER of 4 validation writers \|/m);
    expect(mixed).toContain('(elsewhere, at the threshold 1.4000)');
    expect(mixed).not.toContain('threshold above');
  });

  it('describes the network and the preparation that the file holds', () => {
    const architecture = { ...metadata.architecture, middleGrids: [[2, 3]], fineGrids: [[1, 5]], deviations: true };
    const preprocess = { ...metadata.preprocess, strokes: 'equalised' };
    const rich = modelMetadataSchema.parse({ ...metadata, architecture, preprocess });
    const described = renderModelCard({ metadata: rich, file, reports: [] });
    expect(described).toContain(
      'over 2 x 3 of the map of 1 / 16 of the size, over 1 x 5 of the map of 1 / 8, and beside the means of these',
    );
    expect(described).toContain('strokes equalised');
    const shorter = modelMetadataSchema.parse({ ...metadata, architecture: { ...architecture, poolingGrids: [] } });
    expect(renderModelCard({ metadata: shorter, file, reports: [] })).toContain(
      'ends at the last map that is read; means over 2 x 3 of',
    );
    const closer = modelMetadataSchema.parse({ ...metadata, architecture: { ...architecture, enlargement: 1.5 } });
    expect(renderModelCard({ metadata: closer, file, reports: [] })).toContain(
      'px of grey ink, enlarged 1.5 times by the network; output:',
    );
    const along = modelMetadataSchema.parse({ ...metadata, architecture: { ...architecture, columns: 'ink' } });
    expect(renderModelCard({ metadata: along, file, reports: [] })).toContain('their columns laid along the ink');
    expect(card).not.toMatch(/map of 1|equalised|enlarged|along the ink/);
  });

  it('without reports says so', () => {
    const bare = renderModelCard({ metadata, file, reports: [] });
    expect(bare).toContain('None: no report was given.');
    expect(bare).toContain('how far it travels is not known');
  });
});
