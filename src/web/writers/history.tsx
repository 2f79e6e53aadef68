import { VERDICTS } from '../compare/verdicts.js';
import { Badge } from '../parts/badge.js';
import { Moment } from '../parts/moment.js';
import { Pages } from '../parts/pages.js';
import { ask } from '../state/service.js';
import { lastDecision } from './last-decision.js';

/** What was decided on signatures of a writer, the newest first. */
export function History({ writer }: { readonly writer: string }) {
  return (
    <section class="card stack" aria-labelledby="history">
      <h2 id="history">Decisions</h2>
      <Pages
        about={`${writer} ${lastDecision.value}`}
        ask={(cursor, signal) =>
          ask((service) => service.writerDecisions({ params: { writer }, query: { limit: 10, ...cursor } }), signal)
        }
        empty="Nothing was decided yet."
      >
        {(decisions) => (
          <ol class="plain decisions">
            {decisions.map(({ decisionId, decision, createdAt, distance, money, policy, reasons, review }) => (
              <li key={decisionId} class="stack close">
                <div class="row apart">
                  <Badge tone={VERDICTS[decision].tone}>{VERDICTS[decision].word}</Badge>
                  <span class="soft small">
                    <Moment at={createdAt} />
                  </span>
                </div>
                <p class="small">{reasons[0]}</p>
                <p class="soft small">
                  {[
                    ...(distance === null ? [] : [`distance ${distance.toFixed(3)}`]),
                    ...(policy ? [`policy ${policy.name} ${policy.version}`] : []),
                    ...(money ? [`${money.amount} ${money.currency}`] : []),
                    ...(review ? [review.outcome ? `people: ${review.outcome}` : 'waits for a person'] : []),
                  ].join(' · ')}
                </p>
              </li>
            ))}
          </ol>
        )}
      </Pages>
    </section>
  );
}
