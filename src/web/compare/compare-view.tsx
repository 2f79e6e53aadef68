/** Is the questioned signature by the writer of the references? */
import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { expectPairs } from '../evidence/pairs-source.js';
import { Button } from '../parts/button.js';
import { imagesIn, pictureOf } from '../signature/picture.js';
import { me } from '../state/session.js';
import {
  addReferences,
  isEmpty,
  questioned,
  references,
  removeReference,
  replaceAll,
  setQuestioned,
  startComparing,
  swap,
} from './comparison.js';
import './compare.css';
import { ViewHeading } from '../shell/arrival.js';
import { Examples } from './examples.js';
import { LocalSwitch } from './local-switch.js';
import { Outcome } from './outcome.js';
import { Side } from './side.js';

export function CompareView() {
  useEffect(startComparing, []);
  useSignalEffect(() => {
    if (me.value !== undefined) expectPairs().catch(() => undefined); // told where they are needed
  });
  usePasteAnywhere();
  return (
    <div class="compare">
      <div class="view-head">
        <ViewHeading>Is this the same hand?</ViewHeading>
        <div class="row">
          <LocalSwitch />
          <Button icon="again" disabled={isEmpty.value} onPress={() => replaceAll([], undefined)}>
            Start over
          </Button>
        </div>
      </div>
      <Examples />
      <div class="desk">
        <section class="stack" aria-label="Signatures">
          <Side
            title="References"
            hint="Genuine signatures of one writer; three or more tell most."
            what="references"
            several
            pictures={references.value}
            onAdd={addReferences}
            onRemove={removeReference}
          />
          {references.value.length === 1 && questioned.value && (
            <div class="between">
              <Button kind="plain" icon="swap" onPress={swap}>
                Swap sides
              </Button>
            </div>
          )}
          <Side
            title="Questioned"
            hint="The signature in question."
            what="the questioned signature"
            several={false}
            pictures={questioned.value ? [questioned.value] : []}
            onAdd={([picture]) => setQuestioned(picture)}
            onRemove={() => setQuestioned(undefined)}
          />
        </section>
        <section class="stack outcome" aria-label="Outcome">
          <Outcome />
        </section>
      </div>
    </div>
  );
}

/** Pasted outside a panel, a picture goes where one is missing: references first. */
function usePasteAnywhere() {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const { images } = imagesIn(event.clipboardData);
      if (images.length === 0) return;
      event.preventDefault();
      const pictures = images.map((file) => pictureOf(file, file.name || 'pasted'));
      if (references.value.length === 0) addReferences(pictures);
      else setQuestioned(pictures[0]);
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, []);
}
