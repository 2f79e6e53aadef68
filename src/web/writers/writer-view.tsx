/** One writer: state, references and how they agree, what was decided, and a signature to decide on. */
import { Badge } from '../parts/badge.js';
import { LinkButton } from '../parts/button.js';
import { Moment } from '../parts/moment.js';
import { Problem } from '../parts/notice.js';
import { Waiting } from '../parts/progress.js';
import { linkTo } from '../routes.js';
import { SignedIn } from '../shell/signed-in.js';
import { ask } from '../state/service.js';
import { may } from '../state/session.js';
import { useAnswer } from '../state/use-answer.js';
import { Consistency } from './consistency.js';
import { History } from './history.js';
import { References } from './references.js';
import { VerifyCard } from './verify-card.js';
import { STATES } from './words.js';
import './writers.css';

export function WriterView({ writer }: { readonly writer: string }) {
  return (
    <SignedIn roles={['verify', 'enrol', 'review']}>
      <Writer number={writer} />
    </SignedIn>
  );
}

function Writer({ number }: { readonly number: string }) {
  const answer = useAnswer(
    (signal) => ask((service) => service.getWriter({ params: { writer: number } }), signal),
    number,
  );
  const writer = answer.value;
  return (
    <>
      <div class="view-head">
        <div class="row">
          <h1 tabIndex={-1}>
            <span class="soft">Writer</span> {number}
          </h1>
          {writer && <Badge tone={STATES[writer.state].tone}>{STATES[writer.state].word}</Badge>}
        </div>
        <LinkButton to={linkTo({ place: 'writers' })} icon="back">
          All writers
        </LinkButton>
      </div>
      {answer.error !== undefined && <Problem error={answer.error} onAgain={answer.again} />}
      {writer === undefined && answer.error === undefined && <Waiting what="Loading the writer" height="24rem" />}
      {writer && (
        <div class="writer">
          <dl class="card facts about">
            {writer.name !== null && (
              <>
                <dt>Name</dt>
                <dd>{writer.name}</dd>
              </>
            )}
            <dt>State</dt>
            <dd>{writer.reason}</dd>
            <dt>Enrolled</dt>
            <dd>
              <Moment at={writer.createdAt} dayOnly />
            </dd>
            {writer.expiresAt !== null && (
              <>
                <dt>Expires</dt>
                <dd>
                  <Moment at={writer.expiresAt} dayOnly />
                </dd>
              </>
            )}
          </dl>
          <References writer={writer} onChanged={answer.again} />
          <Consistency writer={writer} />
          {may(['verify']) && <VerifyCard writer={writer} />}
          <History writer={writer.externalRef} />
        </div>
      )}
    </>
  );
}
