import type { ComponentChildren } from 'preact';
import { type Trouble, troubleOf } from '../state/trouble.js';
import { Button } from './button.js';
import { Icon } from './icon.js';

const ICONS = { info: 'info', warning: 'warning', problem: 'cross' } as const;

export function Notice({
  tone = 'info',
  children,
}: {
  readonly tone?: keyof typeof ICONS;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`}>
      <Icon name={ICONS[tone]} />
      <div class="stack close">{children}</div>
    </div>
  );
}

/** What went wrong, what to do about it, and the code to look it up by. */
export function Problem({ error, onAgain }: { readonly error: unknown; readonly onAgain?: (() => void) | undefined }) {
  const { message, hint, code }: Trouble = troubleOf(error);
  return (
    <div role="alert">
      <Notice tone="problem">
        <p>{message}</p>
        {hint && <p>{hint}</p>}
        <div class="row">
          {code && <code class="small">{code}</code>}
          {onAgain && (
            <Button icon="again" onPress={onAgain}>
              Try again
            </Button>
          )}
        </div>
      </Notice>
    </div>
  );
}
