import type { ComponentChildren } from 'preact';
import type { Role } from '../../api/operations.js';
import { Button } from '../parts/button.js';
import { Icon } from '../parts/icon.js';
import { Waiting } from '../parts/progress.js';
import { key, may, me } from '../state/session.js';
import { wantSignIn } from '../state/sign-in.js';

/** Shows a view to those who may see it, and says to others what is missing. */
export function SignedIn({
  roles,
  children,
}: {
  readonly roles: readonly Role[];
  readonly children: ComponentChildren;
}) {
  if (key.value === undefined) {
    return (
      <div class="empty">
        <Icon name="key" />
        <p>This view asks for a key.</p>
        <Button kind="primary" onPress={() => wantSignIn('This view asks for a key.')}>
          Sign in
        </Button>
      </div>
    );
  }
  if (me.value === undefined) return <Waiting what="Asking what the key may do" />;
  if (may(roles)) return <>{children}</>;
  return (
    <p class="empty">
      The key of {me.value.actor} may do {me.value.roles.join(' and ')}; this view is for {roles.join(' or ')}.
    </p>
  );
}
