/** The places of the page: `#/writers/4711`. A link to one leads back to it, and the browser's back button works. */
import { signal } from '@preact/signals';

export type Route =
  | { readonly place: 'compare' }
  | { readonly place: 'writers' }
  | { readonly place: 'enrol' }
  | { readonly place: 'identify' }
  | { readonly place: 'writer'; readonly writer: string }
  | { readonly place: 'review' }
  | { readonly place: 'evidence' }
  | { readonly place: 'jobs' }
  | { readonly place: 'job'; readonly job: string }
  | { readonly place: 'audit' }
  | { readonly place: 'nowhere' };

/** @param hash - `location.hash` */
export function routeOf(hash: string): Route {
  const [place = '', which, ...more] = hash.replace(/^#\/?/, '').split('/').map(decode);
  if (more.length > 0) return { place: 'nowhere' };
  if (which === undefined) {
    switch (place) {
      case '':
      case 'compare':
        return { place: 'compare' };
      case 'writers':
      case 'enrol':
      case 'identify':
      case 'review':
      case 'evidence':
      case 'jobs':
      case 'audit':
        return { place };
      default:
        return { place: 'nowhere' };
    }
  }
  if (place === 'writers') return { place: 'writer', writer: which };
  if (place === 'jobs') return { place: 'job', job: which };
  return { place: 'nowhere' };
}

export function linkTo(route: Exclude<Route, { readonly place: 'nowhere' }>): string {
  switch (route.place) {
    case 'writer':
      return `#/writers/${encodeURIComponent(route.writer)}`;
    case 'job':
      return `#/jobs/${encodeURIComponent(route.job)}`;
    default:
      return `#/${route.place}`;
  }
}

/** Malformed escapes lead nowhere instead of stopping the page. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const route = signal<Route>({ place: 'compare' });

export function startRoutes(): void {
  route.value = routeOf(location.hash);
  addEventListener('hashchange', () => {
    route.value = routeOf(location.hash);
  });
}

export function goTo(to: Exclude<Route, { readonly place: 'nowhere' }>): void {
  location.hash = linkTo(to);
}
