import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { TextField } from '../parts/field.js';
import { Problem } from '../parts/notice.js';
import { announce } from '../state/announce.js';
import { decide, giveBack, type ReviewCase } from './desk.js';
import { VERDICT_WORDS } from './reasons.js';
import { useShortcuts } from './use-shortcuts.js';

type Words = (typeof VERDICT_WORDS)[number];

/** The person's word: a verdict, then why. Two keys do: `g`, then the number of a reason. */
export function Say({ reviewed }: { readonly reviewed: ReviewCase }) {
  const [chosen, setChosen] = useState<Words>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const run = async (what: () => Promise<string>) => {
    setBusy(true);
    setError(undefined);
    try {
      announce(await what());
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };
  const say = (words: Words, reason: string) =>
    run(async () => {
      const { outcome } = await decide(words.verdict, reason);
      return outcome === null ? `${words.word}: another person has to agree.` : `${words.word}: decided.`;
    });
  const release = () =>
    run(async () => {
      await giveBack();
      return 'Given back to the queue.';
    });

  const act = useCallback(
    (key: string) => {
      if (busy) return false;
      const words = VERDICT_WORDS.find(({ shortcut }) => shortcut === key);
      if (words) {
        setChosen(words);
        return true;
      }
      const reason = chosen?.reasons[Number(key) - 1];
      if (chosen && reason !== undefined) {
        void say(chosen, reason);
        return true;
      }
      if (key === 'Escape' && chosen) {
        setChosen(undefined);
        return true;
      }
      return false;
    },
    [busy, chosen, reviewed.id],
  );
  useShortcuts(act);

  return (
    <div class="card stack say">
      <h2>Your word</h2>
      <div class="row verdict-buttons">
        {VERDICT_WORDS.map((words) => (
          <Button
            key={words.verdict}
            pressed={chosen === words}
            shortcut={words.shortcut}
            busy={busy}
            onPress={() => setChosen(words)}
          >
            {words.word}
          </Button>
        ))}
      </div>
      {chosen && <Why key={chosen.verdict} words={chosen} busy={busy} onSay={(reason) => void say(chosen, reason)} />}
      {error !== undefined && <Problem error={error} />}
      <div class="row">
        <Button kind="plain" icon="leave" busy={busy} onPress={() => void release()}>
          Give it back
        </Button>
      </div>
    </div>
  );
}

function Why({
  words,
  busy,
  onSay,
}: {
  readonly words: Words;
  readonly busy: boolean;
  readonly onSay: (reason: string) => void;
}) {
  const [typed, setTyped] = useState('');
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => list.current!.querySelector('button')!.focus(), []);
  return (
    <fieldset class="stack" aria-label={`${words.word}: why?`}>
      <ol class="plain stack close" ref={list}>
        {words.reasons.map((reason, i) => (
          <li key={reason}>
            <Button busy={busy} onPress={() => onSay(reason)}>
              <kbd>{i + 1}</kbd>
              {reason}
            </Button>
          </li>
        ))}
      </ol>
      <form
        class="own-words"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && typed.trim() !== '') onSay(typed.trim());
        }}
      >
        <TextField label="Or in your own words" value={typed} onValue={setTyped} maxLength={1000} />
        <Button submit disabled={typed.trim() === ''} busy={busy}>
          Say it
        </Button>
      </form>
    </fieldset>
  );
}
