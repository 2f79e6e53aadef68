/** What this installation has decided, and how often people found it wrong. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../api/schemas.js';
import { Choices } from '../parts/field.js';
import { Moment } from '../parts/moment.js';
import { Problem } from '../parts/notice.js';
import { percent } from '../parts/numbers.js';
import { Waiting } from '../parts/progress.js';
import { ask } from '../state/service.js';
import { useAnswer } from '../state/use-answer.js';
import { DecisionsByDay } from './decisions-by-day.js';

type Figures = AnswerOf<'statistics'>;
type Share = Figures['decisions']['leftToPeople'];

const PERIODS = [
  { value: '7', text: '7 days' },
  { value: '30', text: '30 days' },
  { value: '90', text: '90 days' },
  { value: '365', text: 'A year' },
] as const;

export function Statistics() {
  const [days, setDays] = useState<(typeof PERIODS)[number]['value']>('30');
  const answer = useAnswer((signal) => {
    const from = new Date();
    from.setUTCDate(from.getUTCDate() - Number(days) + 1);
    const query = { from: from.toISOString().slice(0, 10) };
    return ask((service) => service.statistics({ query }), signal);
  }, days);
  return (
    <section class="card stack" aria-labelledby="installation">
      <div class="row apart">
        <h2 id="installation">This installation</h2>
        <Choices label="Period" value={days} onValue={setDays} options={PERIODS} />
      </div>
      {answer.error !== undefined && <Problem error={answer.error} onAgain={answer.again} />}
      {answer.value === undefined && answer.error === undefined && <Waiting what="Counting" height="24rem" />}
      {answer.value && <Shown of={answer.value} />}
    </section>
  );
}

function Shown({ of: { decisions, cases, errors } }: { readonly of: Figures }) {
  const { leftToPeople } = decisions;
  return (
    <>
      <dl class="figures">
        <div>
          <dt>Decisions</dt>
          <dd>{decisions.total}</dd>
        </div>
        <div>
          <dt>Left to people</dt>
          <dd>{leftToPeople.share === null ? '–' : percent(leftToPeople.share)}</dd>
        </div>
        <div>
          <dt>Cases waiting</dt>
          <dd>{cases.waiting}</dd>
        </div>
        <div>
          <dt>Cases decided</dt>
          <dd>{cases.decided}</dd>
        </div>
      </dl>
      {cases.oldestWaiting && (
        <p class="soft small">
          The oldest case waits since <Moment at={cases.oldestWaiting} />.
        </p>
      )}
      <DecisionsByDay days={decisions.byDay} />
      <h3>Where people found the network wrong</h3>
      <dl class="rates">
        <Wrong name="Accepted, but people called it forged" share={errors.acceptedForged} />
        <Wrong name="Rejected, but people called it genuine" share={errors.rejectedGenuine} />
      </dl>
      <p class="soft small">
        Only signatures that people looked at count here, and which those are is chosen by result and policy: these are
        no rates over all signatures. In brackets, exact 95 % intervals.
      </p>
    </>
  );
}

function Wrong({ name, share }: { readonly name: string; readonly share: Share }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {share.share === null || share.interval === null ? (
          <span class="soft">nobody has looked at any</span>
        ) : (
          <>
            <strong>{percent(share.share)}</strong>{' '}
            <span class="soft small">
              {share.count} of {share.of} [{percent(share.interval.low)}, {percent(share.interval.high)}]
            </span>
          </>
        )}
      </dd>
    </div>
  );
}
