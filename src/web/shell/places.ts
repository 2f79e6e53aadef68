import type { Role } from '../../api/operations.js';
import type { IconName } from '../parts/icon.js';
import type { Route } from '../routes.js';

export interface Place {
  readonly place: 'compare' | 'writers' | 'review' | 'evidence' | 'jobs' | 'audit';
  readonly name: string;
  readonly icon: IconName;
  /** Any of them; undefined for everyone. */
  readonly roles?: readonly Role[];
  /** Places that belong to it. */
  readonly within: readonly Route['place'][];
}

export const PLACES: readonly Place[] = [
  { place: 'compare', name: 'Compare', icon: 'compare', within: [] },
  {
    ...{ place: 'writers', name: 'Writers', icon: 'writers', roles: ['verify', 'enrol', 'review'] },
    within: ['enrol', 'identify', 'writer'],
  },
  { place: 'review', name: 'Review', icon: 'review', roles: ['review'], within: [] },
  { place: 'evidence', name: 'Evidence', icon: 'evidence', within: [] },
  { place: 'jobs', name: 'Jobs', icon: 'jobs', roles: ['verify', 'enrol'], within: ['job'] },
  { place: 'audit', name: 'Audit', icon: 'audit', roles: ['admin'], within: [] },
];

export function titleOf(route: Route): string {
  return `${nameOf(route)} · Countersign`;
}

function nameOf(route: Route): string {
  switch (route.place) {
    case 'writer':
      return `Writer ${route.writer}`;
    case 'job':
      return 'Job';
    case 'enrol':
      return 'Enrol a writer';
    case 'identify':
      return 'Identify';
    case 'nowhere':
      return 'Not found';
    default:
      return PLACES.find(({ place }) => place === route.place)!.name;
  }
}
