/** One job: how far it is, what came of it, and what can be done with it. */
import { useState } from 'preact/hooks';
import { Badge } from '../parts/badge.js';
import { Button, LinkButton } from '../parts/button.js';
import { Moment } from '../parts/moment.js';
import { Notice, Problem } from '../parts/notice.js';
import { Waiting } from '../parts/progress.js';
import { saveAs } from '../parts/save-as.js';
import { linkTo } from '../routes.js';
import { ViewHeading } from '../shell/arrival.js';
import { SignedIn } from '../shell/signed-in.js';
import { announce } from '../state/announce.js';
import { ask, newIdempotencyKey } from '../state/service.js';
import { useAnswer } from '../state/use-answer.js';
import { JobProgress, useRepeat } from './jobs-view.js';
import { isAtWork, JOB_KINDS, JOB_STATES, type Job } from './words.js';

export function JobView({ job }: { readonly job: string }) {
  return (
    <SignedIn roles={['verify', 'enrol']}>
      <Shown id={job} />
    </SignedIn>
  );
}

function Shown({ id }: { readonly id: string }) {
  const answer = useAnswer((signal) => ask((service) => service.getJob({ params: { job: id } }), signal), id);
  const job = answer.value;
  useRepeat(job !== undefined && isAtWork(job), answer.again);
  return (
    <>
      <div class="view-head">
        <div class="row">
          <ViewHeading>{job?.title ?? (job ? JOB_KINDS[job.kind] : 'Job')}</ViewHeading>
          {job && <Badge tone={JOB_STATES[job.state].tone}>{JOB_STATES[job.state].word}</Badge>}
        </div>
        <LinkButton to={linkTo({ place: 'jobs' })} icon="back">
          All jobs
        </LinkButton>
      </div>
      {answer.error !== undefined && <Problem error={answer.error} onAgain={answer.again} />}
      {job === undefined && answer.error === undefined && <Waiting what="Loading the job" height="16rem" />}
      {job && <Details job={job} onChanged={answer.again} />}
    </>
  );
}

function Details({ job, onChanged }: { readonly job: Job; readonly onChanged: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (what: () => Promise<unknown>, said: string) => {
    setBusy(true);
    setError(undefined);
    try {
      await what();
      announce(said);
      onChanged();
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const params = { job: job.id };
  const save = (format: Format) =>
    run(async () => {
      const file = await ask((service) => service.jobResults({ params, query: { format } }));
      saveAs(file, `${job.kind}-${job.id.slice(0, 8)}.${format}`);
    }, 'Saved.');
  return (
    <div class="stack">
      <section class="card stack" aria-label="Progress">
        <JobProgress job={job} />
        {job.problem && (
          <Notice tone="problem">
            <p>{job.problem.reason}</p>
            <code class="small">{job.problem.code}</code>
          </Notice>
        )}
        {job.unkeptPolicies.map(({ name, version, reason }) => (
          <Notice key={`${name} ${version}`} tone="warning">
            <p>
              Policy {name} {version} decides nothing by this model: {reason}
            </p>
          </Notice>
        ))}
        <Counts job={job} />
        <p class="soft small">
          {JOB_KINDS[job.kind]} by {job.actor}, <Moment at={job.createdAt} />
          {job.finishedAt && (
            <>
              , ended <Moment at={job.finishedAt} />
            </>
          )}
        </p>
        {error !== undefined && <Problem error={error} />}
        <div class="row">
          {formatsOf(job).map((format) => (
            <Button key={format} icon="download" busy={busy} onPress={() => save(format)}>
              Results, {format.toUpperCase()}
            </Button>
          ))}
          {job.state === 'collecting' && (
            <Button
              kind="primary"
              busy={busy}
              onPress={() =>
                run(
                  () => ask((service) => service.startJob({ params }, { idempotencyKey: `${job.id}-start` })),
                  'Started.',
                )
              }
            >
              Start
            </Button>
          )}
          {job.state === 'failed' && (
            <Button icon="again" busy={busy} onPress={() => run(() => retry(job.id), 'Tried again.')}>
              Try what failed again
            </Button>
          )}
          {(isAtWork(job) || job.state === 'collecting') && (
            <Button
              kind="danger"
              busy={busy}
              onPress={() => run(() => ask((service) => service.cancelJob({ params })), 'Cancelled.')}
            >
              Cancel the job
            </Button>
          )}
        </div>
      </section>
    </div>
  );
}

function retry(job: string): Promise<Job> {
  const idempotencyKey = newIdempotencyKey();
  return ask((service) => service.retryJob({ params: { job } }, { idempotencyKey }));
}

type Format = 'csv' | 'ndjson' | 'html' | 'json';

/** Items come a line each at any time, a report at the end. */
function formatsOf({ kind, state }: Job): readonly Format[] {
  if (kind === 'verify' || kind === 'enrol') return ['csv', 'ndjson'];
  return kind === 'evaluate' && state === 'done' ? ['html', 'json'] : [];
}

function Counts({ job }: { readonly job: Job }) {
  const counts = { ...job.items, ...job.results };
  const shown = Object.entries(counts).filter(([, number]) => number > 0);
  if (shown.length === 0) return null;
  return (
    <dl class="figures">
      {shown.map(([name, number]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{number}</dd>
        </div>
      ))}
    </dl>
  );
}
