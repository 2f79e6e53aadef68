import type { VerificationResult } from '../../verify/result.js';
import { Icon } from '../parts/icon.js';
import { Notice } from '../parts/notice.js';
import type { Truth } from './comparison.js';
import { VERDICTS } from './verdicts.js';

/** The verdict in a word, a sentence and the few numbers behind it. */
export function VerdictCard({
  result,
  truth,
  stale,
}: {
  readonly result: VerificationResult;
  /** Of an example. */
  readonly truth: Truth | undefined;
  /** Another comparison is on its way. */
  readonly stale: boolean;
}) {
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
      {truth && <Known truth={truth} decision={decision} />}
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

/** No comparison is free of errors, and the examples do not hide it. */
function Known({ truth, decision }: { readonly truth: Truth; readonly decision: VerificationResult['decision'] }) {
  const isWrong = decision === (truth === 'genuine' ? 'reject' : 'accept');
  return (
    <Notice tone={isWrong ? 'warning' : 'info'}>
      <p>
        Known of this example: it is {truth === 'genuine' ? 'signed by the writer' : 'a forgery'}.
        {isWrong && ' The verdict is wrong; how often that happens is below.'}
      </p>
    </Notice>
  );
}

/** Inside an element of the classes `verdict` and the decision. */
export function VerdictHead({ decision, reason }: Pick<VerificationResult, 'decision' | 'reason'>) {
  return (
    <div class="said">
      <span class="sign">
        <Icon name={VERDICTS[decision].sign} />
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
