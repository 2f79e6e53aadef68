import { Problem } from '../parts/notice.js';
import { Skeleton } from '../parts/progress.js';
import { comparer } from './chosen-comparer.js';
import { compared, comparing, failure, questioned, references } from './comparison.js';
import { Differences } from './differences.js';
import { EvidenceCard } from './evidence-card.js';
import { NoComparer } from './no-comparer.js';
import { PerReference } from './per-reference.js';
import { VerdictBar } from './verdict-bar.js';
import { VerdictCard } from './verdict-card.js';

/** What came of the comparison, or what is missing for one. */
export function Outcome() {
  if (comparer.value === undefined) return <NoComparer />;
  if (failure.value !== undefined) return <Problem error={failure.value} />;
  const there = compared.value;
  if (there === undefined) return comparing.value ? <Placeholders /> : <Missing />;
  return (
    <div class="stack results" aria-busy={comparing.value}>
      <VerdictCard result={there.result} truth={there.truth} stale={comparing.value} />
      <VerdictBar decision={there.result.decision} distance={there.result.distance} />
      {there.result.distance !== null && <EvidenceCard compared={there} />}
      {there.result.distance !== null && <Differences compared={there} />}
      <PerReference result={there.result} references={there.references} />
    </div>
  );
}

/** As high as what will be there. */
function Placeholders() {
  return (
    <div class="stack" role="status">
      <span class="visually-hidden">Comparing</span>
      <Skeleton height="11rem" />
      <Skeleton height="17rem" />
      <Skeleton height="20rem" />
    </div>
  );
}

function Missing() {
  const needs = [
    ...(references.value.length === 0 ? ['one or more reference signatures'] : []),
    ...(questioned.value === undefined ? ['the questioned one'] : []),
  ];
  return (
    <div class="card missing">
      <svg class="flourish" viewBox="0 0 260 90" aria-hidden="true">
        <path d="M14 62c26-4 42-48 58-48 15 0-12 46 4 46 13 0 16-22 29-22s3 20 16 20c8 0 13-4 20-9 9-7 15-9 20-3 4 5 3 12 11 12 12 0 20-18 74-20" />
        <path class="line" d="M14 78h232" />
      </svg>
      <h2>The verdict appears here</h2>
      <p class="soft">Put {needs.join(' and ')} here, or try an example. It is compared at once.</p>
    </div>
  );
}
