import type { VerificationResult } from '../../verify/result.js';
import { Icon, type IconName } from '../parts/icon.js';
import { Notice } from '../parts/notice.js';
import { VERDICTS } from './verdicts.js';

const SIGNS: Readonly<Record<VerificationResult['decision'], IconName>> = {
  accept: 'check',
  review: 'review',
  reject: 'cross',
  inconclusive: 'question',
};

/** The verdict in a word, a sentence and the few numbers behind it. */
export function VerdictCard({ result, stale }: { readonly result: VerificationResult; readonly stale: boolean }) {
  const { decision, reason, quality, perReference } = result;
  const warnings = [
    ...(quality?.warnings ?? []).map((warning) => ({ of: 'Questioned', warning })),
    ...perReference.flatMap(({ quality: of }, i) =>
      (of?.warnings ?? []).map((warning) => ({ of: `Reference ${i + 1}`, warning })),
    ),
  ];
  return (
    <section class={`card verdict ${decision}${stale ? ' stale' : ''}`} aria-label="Verdict">
      <VerdictHead decision={decision} reason={reason} />
      {result.distance !== null && <Figures result={result} />}
      {warnings.length > 0 && (
        <Notice tone="warning">
          <ul class="plain stack close">
            {warnings.map(({ of, warning }) => (
              <li key={`${of} ${warning}`}>
                <strong>{of}:</strong> {warning}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </section>
  );
}

/** Inside an element of the classes `verdict` and the decision. */
export function VerdictHead({ decision, reason }: Pick<VerificationResult, 'decision' | 'reason'>) {
  return (
    <div class="said">
      <span class="sign">
        <Icon name={SIGNS[decision]} />
      </span>
      <div>
        <h2 class="word">{VERDICTS[decision].word}</h2>
        <p>{reason}</p>
      </div>
    </div>
  );
}

function Figures({ result }: { readonly result: VerificationResult }) {
  const { distance, similarity, threshold, rejectAbove, referenceCount } = result;
  return (
    <dl class="figures">
      <div>
        <dt>Distance</dt>
        <dd>{distance!.toFixed(3)}</dd>
      </div>
      <div>
        <dt>{rejectAbove > threshold ? 'Accept up to' : 'Threshold'}</dt>
        <dd>{threshold.toFixed(3)}</dd>
      </div>
      {similarity !== null && (
        <div>
          <dt>Similarity</dt>
          <dd>
            {similarity.toFixed(0)} <small>of 100</small>
          </dd>
        </div>
      )}
      <div>
        <dt>{referenceCount === 1 ? 'Reference' : 'References'}</dt>
        <dd>{referenceCount}</dd>
      </div>
    </dl>
  );
}
