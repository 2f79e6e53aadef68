import type { AnswerOf } from '../../api/schemas.js';
import { VerdictHead } from '../compare/verdict-card.js';
import { EvidenceScale } from '../evidence/evidence-scale.js';
import { servicePairs } from '../evidence/pairs-source.js';
import { linkTo } from '../routes.js';
import { may } from '../state/session.js';

/** A decision that was written down, with all its reasons. */
export function DecisionShown({ decision }: { readonly decision: AnswerOf<'decide'> }) {
  const [signature] = decision.signatures;
  const { distance, thresholds, distances, caseId } = signature!;
  const count = Object.keys(distances).length;
  return (
    <div class="stack">
      <div class={`verdict ${decision.decision}`}>
        <VerdictHead decision={decision.decision} reason={decision.reasons[0] ?? ''} />
      </div>
      {decision.reasons.length > 1 && (
        <ul class="reasons small">
          {decision.reasons.slice(1).map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {distance !== null && (
        <EvidenceScale
          source={servicePairs}
          modelId={decision.modelId}
          referenceCount={count}
          distance={distance}
          thresholds={thresholds}
        />
      )}
      {caseId !== null && (
        <p class="small">
          A case was opened for a person. {may(['review']) && <a href={linkTo({ place: 'review' })}>To the review</a>}
        </p>
      )}
    </div>
  );
}
