import { Button } from '../parts/button.js';
import { key, me, signOut } from '../state/session.js';
import { wantSignIn } from '../state/sign-in.js';

/** Whose key it is, and the way in and out. */
export function Who() {
  if (key.value === undefined) {
    return (
      <Button icon="key" onPress={() => wantSignIn('Everything but comparing in this browser asks for a key.')}>
        Sign in
      </Button>
    );
  }
  return (
    <>
      <span class="actor small" title={me.value?.roles.join(', ')}>
        {me.value?.actor}
      </span>
      <Button kind="plain" icon="leave" iconOnly onPress={signOut}>
        Sign out
      </Button>
    </>
  );
}
