/** What screen readers are told besides what is shown: one polite line, read by `Shell`. */
import { signal } from '@preact/signals';

export const announcement = signal('');

export function announce(text: string): void {
  announcement.value = text;
}
