import { Rng } from '../core/rng.js';
import type { ProtocolInput } from './protocol.js';

/** Random embeddings around one centre per writer, 10 genuine and 10 forged each; forgeries spread by `spread`. */
export function madeUp(writers: number, spread: number): ProtocolInput {
  const rng = new Rng('report');
  const samples = Array.from({ length: writers * 20 }, (_, i) => {
    const kind = i % 20 < 10 ? ('genuine' as const) : ('forged' as const);
    const writer = `w${Math.floor(i / 20)}`;
    return { id: `${writer}/${i}`, writer, identity: writer, kind };
  });
  const centres = samples.map(() => Array.from({ length: 8 }, () => rng.normal()));
  const embeddings = Float32Array.from(
    samples.flatMap(({ kind }, i) =>
      centres[Math.floor(i / 20)]!.map((c) => c + rng.normal(0, kind === 'genuine' ? 0.3 : spread)),
    ),
  );
  return {
    protocol: 'made-up/<all>',
    dataset: 'made-up & more',
    modelId: 'model-1',
    input: 'as-prepared',
    learntFrom: ['made-up & more', 'synthetic'],
    samples,
    embeddings,
    dimension: 8,
    threshold: { value: 1.4, source: 'EER of 4 validation writers' },
    calibration: { slope: 6, intercept: -6 },
    rng: new Rng(1),
    references: { counts: [1, 5], draws: 3 },
    resamples: 100,
  };
}

export const failures = [
  { sample: { id: 'x', writer: 'w0', identity: 'w0', kind: 'genuine' as const }, code: 'IMAGE_BLANK' },
];
