import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.js';

interface Look {
  readonly kind?: 'primary' | 'danger' | 'plain' | undefined;
  readonly icon?: IconName | undefined;
  readonly children: ComponentChildren;
  /** The words are for screen readers and the tooltip only. */
  readonly iconOnly?: boolean | undefined;
}

export interface ButtonProps extends Look {
  readonly onPress?: (() => void) | undefined;
  readonly submit?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  /** Work goes on: it stays where it is, keeps the focus, and does nothing meanwhile. */
  readonly busy?: boolean | undefined;
  readonly shortcut?: string | undefined;
  readonly pressed?: boolean | undefined;
}

export function Button({ onPress, submit, disabled, busy, shortcut, pressed, ...look }: ButtonProps) {
  return (
    <button
      type={submit ? 'submit' : 'button'}
      class={classOf(look)}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      title={look.iconOnly ? textOf(look.children) : undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onPress?.();
      }}
    >
      <Inside {...look} />
      {shortcut && <Key name={shortcut} />}
    </button>
  );
}

export function LinkButton({ to, ...look }: Look & { readonly to: string }) {
  return (
    <a class={classOf(look)} href={to}>
      <Inside {...look} />
    </a>
  );
}

/** Drawn, not told: `aria-keyshortcuts` tells it. */
function Key({ name }: { readonly name: string }) {
  return <span class="key" data-key={name} />;
}

function Inside({ icon, iconOnly, children }: Look) {
  return (
    <>
      {icon && <Icon name={icon} />}
      {iconOnly ? <span class="visually-hidden">{children}</span> : children}
    </>
  );
}

const classOf = ({ kind, iconOnly }: Look) =>
  ['button', ...(kind ? [kind] : []), ...(iconOnly ? ['icon-only'] : [])].join(' ');

const textOf = (children: ComponentChildren) => (typeof children === 'string' ? children : undefined);
