import { inWords } from '../../evaluate/likelihood-ratio.js';
import { EvidenceScale } from '../evidence/evidence-scale.js';
import type { Compared } from './comparison.js';

/** What the verdict rests on. */
export function EvidenceCard({ compared: { result, by } }: { readonly compared: Compared }) {
  const { modelId, referenceCount, distance, threshold, rejectAbove, logLikelihoodRatio } = result;
  return (
    <section class="card stack" aria-labelledby="evidence">
      <h2 id="evidence">How close is that?</h2>
      <EvidenceScale
        source={by}
        modelId={modelId}
        referenceCount={referenceCount}
        distance={distance!}
        thresholds={{ acceptUpTo: threshold, rejectAbove }}
      />
      {logLikelihoodRatio !== null && <p class="soft small">Such a distance is {inWords(logLikelihoodRatio)}.</p>}
    </section>
  );
}
