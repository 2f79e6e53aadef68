/** One writer: state, references and how they agree, what was decided, and a signature to decide on. */
import type { AnswerOf } from '../../api/schemas.js';
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
import { ViewHeading } from '../shell/arrival.js';

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
        <div class="stack close">
          <div class="row">
            <ViewHeading>
              <span class="soft">Writer</span> {number}
            </ViewHeading>
            {writer && <Badge tone={STATES[writer.state].tone}>{STATES[writer.state].word}</Badge>}
          </div>
          <p class="about">{writer && <About writer={writer} />}</p>
        </div>
        <LinkButton to={linkTo({ place: 'writers' })} icon="back">
          All writers
        </LinkButton>
      </div>
      {answer.error !== undefined && <Problem error={answer.error} onAgain={answer.again} />}
      {writer === undefined && answer.error === undefined && <Waiting what="Loading the writer" height="24rem" />}
      {writer && (
        <div class="writer">
          <References writer={writer} onChanged={answer.again} />
          <div class="stack">
            {may(['verify']) && <VerifyCard writer={writer} />}
            <Consistency writer={writer} />
            <History writer={writer.externalRef} />
          </div>
        </div>
      )}
    </>
  );
}

function About({ writer: { name, reason, createdAt, expiresAt } }: { readonly writer: AnswerOf<'getWriter'> }) {
  return (
    <>
      {name !== null && <strong>{name} </strong>}
      <span class="soft">
        {reason} Enrolled <Moment at={createdAt} dayOnly />
        {expiresAt !== null && (
          <>
            , expires <Moment at={expiresAt} dayOnly />
          </>
        )}
        .
      </span>
    </>
  );
}
