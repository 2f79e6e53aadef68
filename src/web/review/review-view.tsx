/** The workplace of a person who decides what the network left open. */
import { useEffect } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { Switch } from '../parts/field.js';
import { Problem } from '../parts/notice.js';
import { Waiting } from '../parts/progress.js';
import { SignedIn } from '../shell/signed-in.js';
import { CaseView } from './case-view.js';
import { closeDesk, current, failure, looking, openDesk, waiting } from './desk.js';
import { setShortcuts, shortcutsOn } from './use-shortcuts.js';
import './review.css';
import { ViewHeading } from '../shell/arrival.js';

export function ReviewView() {
  return (
    <>
      <div class="view-head">
        <ViewHeading>Review</ViewHeading>
        <div class="row">
          {waiting.value !== null && (
            <span class="soft" role="status">
              {waiting.value === 0 ? 'none' : waiting.value >= 100 ? '100 or more' : waiting.value} waiting
            </span>
          )}
          <Switch on={shortcutsOn.value} onChange={setShortcuts}>
            Shortcuts
          </Switch>
        </div>
      </div>
      <SignedIn roles={['review']}>
        <Desk />
      </SignedIn>
    </>
  );
}

function Desk() {
  useEffect(() => {
    void openDesk();
    return closeDesk;
  }, []);
  const onDesk = current.value;
  return (
    <div class="stack">
      {failure.value !== undefined && <Problem error={failure.value} onAgain={() => void openDesk()} />}
      {onDesk && <CaseView key={onDesk.reviewed.id} onDesk={onDesk} />}
      {!onDesk && looking.value && <Waiting what="Looking for a case" height="30rem" />}
      {!onDesk && !looking.value && failure.value === undefined && (
        <div class="empty">
          <h2>Nothing waits for you</h2>
          <p>New cases come when the network leaves a decision to a person.</p>
          <Button icon="again" onPress={() => void openDesk()}>
            Look again
          </Button>
        </div>
      )}
    </div>
  );
}
