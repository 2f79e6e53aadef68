import { Switch } from '../parts/field.js';
import { Progress } from '../parts/progress.js';
import { compareAtService, compareHere, local } from './chosen-comparer.js';

/** The choice to send nothing. */
export function LocalSwitch() {
  const { value } = local;
  return (
    <div class="local">
      <Switch on={value.state !== 'off'} onChange={(on) => (on ? void compareHere() : compareAtService())}>
        In this browser only
      </Switch>
      <span class="soft small" role="status">
        {value.state === 'on' && 'Nothing is sent anywhere.'}
        {value.state === 'loading' && 'Loading the small model'}
      </span>
      {value.state === 'loading' && <Progress label="Loading the small model" share={value.share} />}
    </div>
  );
}
