import { Icon, type IconName } from './icon.js';

export type Tone = 'good' | 'wait' | 'bad' | 'none';

const ICONS: Readonly<Record<Tone, IconName>> = { good: 'check', wait: 'review', bad: 'cross', none: 'question' };

/** A state in one word: colour and sign say the same. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span class={`badge ${tone}`}>
      <Icon name={ICONS[tone]} />
      {children}
    </span>
  );
}
