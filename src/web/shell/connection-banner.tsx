import { Button } from '../parts/button.js';
import { Icon } from '../parts/icon.js';
import { connection, nextTryInS, tryAtOnce } from '../state/connection.js';

/** Says that the service does not answer, for as long as that is so. */
export function ConnectionBanner() {
  return (
    <div role="status">
      {connection.value === 'lost' && (
        <div class="banner">
          <Icon name="offline" />
          <p>
            <strong>The service does not answer.</strong> What you entered stays here, and goes on by itself once it is
            back.
          </p>
          <Button onPress={tryAtOnce}>Try now</Button>
          <span class="soft small" aria-live="off">
            {nextTryInS.value > 0 ? `next try in ${nextTryInS.value} s` : 'trying'}
          </span>
        </div>
      )}
    </div>
  );
}
