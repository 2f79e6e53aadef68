import { useState } from 'preact/hooks';
import { Overlay } from '../overlay/overlay-view.js';
import { Choices } from '../parts/field.js';
import type { Compared } from './comparison.js';

/** The questioned signature laid over a reference, first the nearest. */
export function Differences({ compared: { result, references, questioned, by } }: { readonly compared: Compared }) {
  const usable = result.perReference
    .map(({ distance }, i) => ({ distance, number: i + 1, picture: references[i]! }))
    .filter(({ distance }) => distance !== null);
  const nearest = usable.reduce((best, one) => (one.distance! < best.distance! ? one : best));
  const [chosen, setChosen] = useState<number>();
  const shown = usable.find(({ number }) => number === chosen) ?? nearest;
  return (
    <section class="card stack wide" aria-labelledby="differences">
      <div class="row apart">
        <h2 id="differences">One over the other</h2>
        {usable.length > 1 && (
          <Choices
            label="Reference"
            value={String(shown.number)}
            onValue={(value) => setChosen(Number(value))}
            options={usable.map(({ number }) => ({ value: String(number), text: `Reference ${number}` }))}
          />
        )}
      </div>
      <Overlay reference={shown.picture.file} questioned={questioned.file} cleaner={by} />
    </section>
  );
}
