/** Who compares, as chosen on the page. */
import { computed, signal } from '@preact/signals';
import { key, may, me } from '../state/session.js';
import type { Comparer } from './comparer.js';
import { serviceComparer } from './service-comparer.js';

export type LocalState =
  | { readonly state: 'off' }
  /** @param share - of what has to be loaded, 0 .. 1 */
  | { readonly state: 'loading'; readonly share: number }
  | { readonly state: 'on'; readonly comparer: Comparer; readonly close: () => void }
  | { readonly state: 'failed'; readonly error: unknown };

export const local = signal<LocalState>({ state: 'off' });

/** Until the service has said what the key may do, it is believed to do. */
const mayAsk = computed(() => key.value !== undefined && (me.value === undefined || may(['verify'])));

/** Undefined where nobody can: no key that may, or what this browser needs is still on its way. */
export const comparer = computed<Comparer | undefined>(() => {
  if (local.value.state === 'on') return local.value.comparer;
  return local.value.state === 'off' && mayAsk.value ? serviceComparer : undefined;
});

let begun = 0;

/** From now on nothing that is compared leaves this browser. */
export async function compareHere(): Promise<void> {
  begun += 1;
  const mine = begun;
  local.value = { state: 'loading', share: 0 };
  try {
    const { openLocalComparer } = await import('./local-comparer.js');
    const opened = await openLocalComparer((share) => {
      if (mine === begun) local.value = { state: 'loading', share };
    });
    if (mine === begun) local.value = { state: 'on', ...opened };
    else opened.close();
  } catch (error) {
    if (mine === begun) local.value = { state: 'failed', error };
  }
}

export function compareAtService(): void {
  begun += 1;
  if (local.value.state === 'on') local.value.close();
  local.value = { state: 'off' };
}
