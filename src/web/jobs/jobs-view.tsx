/** Bulk work: how far it is, and new work from a table. */
import { useEffect, useState } from 'preact/hooks';
import { Badge } from '../parts/badge.js';
import { Button } from '../parts/button.js';
import { Moment } from '../parts/moment.js';
import { Problem } from '../parts/notice.js';
import { Progress, Waiting } from '../parts/progress.js';
import { linkTo } from '../routes.js';
import { ViewHeading } from '../shell/arrival.js';
import { SignedIn } from '../shell/signed-in.js';
import { ask } from '../state/service.js';
import { useAnswer } from '../state/use-answer.js';
import { NewJob } from './new-job.js';
import { durationOf, isAtWork, JOB_KINDS, JOB_STATES, type Job } from './words.js';

export function JobsView() {
  const [making, setMaking] = useState(false);
  return (
    <>
      <div class="view-head">
        <ViewHeading>Jobs</ViewHeading>
        {!making && (
          <Button kind="primary" icon="plus" onPress={() => setMaking(true)}>
            New job
          </Button>
        )}
      </div>
      <SignedIn roles={['verify', 'enrol']}>
        <div class="stack">
          {making && <NewJob onCancel={() => setMaking(false)} />}
          <List />
        </div>
      </SignedIn>
    </>
  );
}

function List() {
  const answer = useAnswer((signal) => ask((service) => service.listJobs({ query: { limit: 50 } }), signal), 'jobs');
  const jobs = answer.value?.items;
  useRepeat(jobs?.some(isAtWork) ?? false, answer.again);
  if (answer.error !== undefined) return <Problem error={answer.error} onAgain={answer.again} />;
  if (jobs === undefined) return <Waiting what="Loading the jobs" height="16rem" />;
  if (jobs.length === 0) return <p class="empty">There was no bulk work yet.</p>;
  return (
    <ul class="plain stack">
      {jobs.map((job) => (
        <li key={job.id} class="card stack close">
          <div class="row apart">
            <h2>
              <a href={linkTo({ place: 'job', job: job.id })}>{job.title ?? JOB_KINDS[job.kind]}</a>
            </h2>
            <Badge tone={JOB_STATES[job.state].tone}>{JOB_STATES[job.state].word}</Badge>
          </div>
          <JobProgress job={job} />
          <p class="soft small">
            {JOB_KINDS[job.kind]} · <Moment at={job.createdAt} /> · {job.actor}
          </p>
        </li>
      ))}
    </ul>
  );
}

export function JobProgress({ job: { progress } }: { readonly job: Job }) {
  const { done, total, perSecond, secondsLeft } = progress;
  return (
    <>
      <Progress label="Progress" share={total === 0 ? 0 : done / total} />
      <p class="small">
        {done} of {total}
        {perSecond !== null && `, ${perSecond.toFixed(1)} a second`}
        {secondsLeft !== null && done < total && `, ${durationOf(secondsLeft)} left`}
      </p>
    </>
  );
}

const REPEAT_MS = 1500;

/** Looks again and again while something is at work, and while somebody looks. */
export function useRepeat(isWanted: boolean, again: () => void): void {
  useEffect(() => {
    if (!isWanted) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && again(), REPEAT_MS);
    return () => clearInterval(timer);
  }, [isWanted, again]);
}
