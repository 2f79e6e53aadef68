import { Button } from '../parts/button.js';
import { Problem } from '../parts/notice.js';
import { Waiting } from '../parts/progress.js';
import { key } from '../state/session.js';
import { wantSignIn } from '../state/sign-in.js';
import { compareHere, local } from './chosen-comparer.js';

/** Why nothing can be compared yet, and the two ways to change that. */
export function NoComparer() {
  if (local.value.state === 'loading') return <Waiting what="Loading the small model" height="24rem" />;
  return (
    <div class="card missing">
      {local.value.state === 'failed' && <Problem error={local.value.error} onAgain={() => void compareHere()} />}
      <h2>Who shall compare?</h2>
      <p class="soft">
        {key.value === undefined
          ? 'The service does with a key; this browser does without one, and sends nothing.'
          : 'The service does not with this key; this browser does without one, and sends nothing.'}
      </p>
      <div class="row">
        <Button
          kind="primary"
          icon="key"
          onPress={() => wantSignIn('Comparing at the service asks for a key that may.')}
        >
          {key.value === undefined ? 'Sign in' : 'Another key'}
        </Button>
        <Button icon="chip" onPress={() => void compareHere()}>
          In this browser only
        </Button>
      </div>
    </div>
  );
}
