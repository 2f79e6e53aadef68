import { CompareView } from '../compare/compare-view.js';
import { lazy } from '../parts/lazy.js';
import { linkTo, type Route } from '../routes.js';
import { ViewHeading } from './arrival.js';

const WritersView = lazy(async () => (await import('../writers/writers-view.js')).WritersView);
const EnrolView = lazy(async () => (await import('../writers/enrol-view.js')).EnrolView);
const WriterView = lazy(async () => (await import('../writers/writer-view.js')).WriterView);
const IdentifyView = lazy(async () => (await import('../writers/identify-view.js')).IdentifyView);
const ReviewView = lazy(async () => (await import('../review/review-view.js')).ReviewView);
const EvidenceView = lazy(async () => (await import('../figures/evidence-view.js')).EvidenceView);
const JobsView = lazy(async () => (await import('../jobs/jobs-view.js')).JobsView);
const JobView = lazy(async () => (await import('../jobs/job-view.js')).JobView);
const AuditView = lazy(async () => (await import('../audit/audit-view.js')).AuditView);

/** The first view comes with the page, the others when they are asked for. */
export function View({ route }: { readonly route: Route }) {
  switch (route.place) {
    case 'compare':
      return <CompareView />;
    case 'writers':
      return <WritersView />;
    case 'enrol':
      return <EnrolView />;
    case 'identify':
      return <IdentifyView />;
    case 'writer':
      return <WriterView key={route.writer} writer={route.writer} />;
    case 'review':
      return <ReviewView />;
    case 'evidence':
      return <EvidenceView />;
    case 'jobs':
      return <JobsView />;
    case 'job':
      return <JobView key={route.job} job={route.job} />;
    case 'audit':
      return <AuditView />;
    case 'nowhere':
      return (
        <div class="empty">
          <ViewHeading>There is nothing here</ViewHeading>
          <p>
            The address leads nowhere. <a href={linkTo({ place: 'compare' })}>Compare two signatures</a>
          </p>
        </div>
      );
  }
}
