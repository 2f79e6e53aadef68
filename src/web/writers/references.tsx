import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../api/schemas.js';
import { Badge } from '../parts/badge.js';
import { Button } from '../parts/button.js';
import { Moment } from '../parts/moment.js';
import { Notice, Problem } from '../parts/notice.js';
import { AddPictures } from '../signature/add-pictures.js';
import { forget, type Picture } from '../signature/picture.js';
import { announce } from '../state/announce.js';
import { ask, newIdempotencyKey } from '../state/service.js';
import { may } from '../state/session.js';
import { ReferenceImage } from './reference-image.js';
import { REFERENCE_STATES, type Reference } from './words.js';

interface Props {
  readonly writer: AnswerOf<'getWriter'>;
  /** The writer has to be read anew. */
  readonly onChanged: () => void;
}

/** The references of a writer, with what is said against some of them; for who may, to add and to settle. */
export function References({ writer, onChanged }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (what: () => Promise<string>) => {
    setBusy(true);
    setError(undefined);
    try {
      announce(await what());
      onChanged();
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const add = (pictures: readonly Picture[]) =>
    run(async () => {
      const references = pictures.map(({ file }) => ({ image: file }));
      const idempotencyKey = newIdempotencyKey();
      const outcome = await ask((service) =>
        service.addReferences({ params: { writer: writer.externalRef }, body: { references } }, { idempotencyKey }),
      );
      for (const picture of pictures) forget(picture);
      return `${pictures.length} added. ${outcome.reason}`;
    });
  const settle = (reference: Reference, how: 'confirm' | 'retire') =>
    run(async () => {
      const params = { writer: writer.externalRef, reference: reference.id };
      await ask((service) =>
        how === 'confirm' ? service.confirmReference({ params }) : service.retireReference({ params }),
      );
      return how === 'confirm' ? 'The reference counts.' : 'The reference counts no longer.';
    });

  return (
    <section class="card stack" aria-labelledby="references" aria-busy={busy}>
      <h2 id="references">References</h2>
      {writer.references.length === 0 && <p class="soft">There is none yet.</p>}
      <ul class="plain references">
        {writer.references.map((reference, i) => (
          <li key={reference.id} class={`reference-card ${reference.state}`}>
            <ReferenceImage writer={writer.externalRef} reference={reference.id} label={`Reference ${i + 1}`} />
            <div class="stack close">
              <div class="row apart">
                <span class="small">
                  {i + 1} · <Moment at={reference.capturedAt ?? reference.enrolledAt} dayOnly />
                </span>
                <Badge tone={REFERENCE_STATES[reference.state].tone}>{REFERENCE_STATES[reference.state].word}</Badge>
              </div>
              {reference.state === 'doubtful' && reference.doubt && <p class="small">{reference.doubt.reason}</p>}
              {reference.confirmedBy && <p class="soft small">Confirmed by {reference.confirmedBy}.</p>}
              {may(['enrol']) && reference.state !== 'retired' && (
                <div class="row">
                  {reference.state === 'doubtful' && (
                    <Button icon="check" busy={busy} onPress={() => settle(reference, 'confirm')}>
                      Confirm
                    </Button>
                  )}
                  <Button kind="plain" busy={busy} onPress={() => settle(reference, 'retire')}>
                    Retire
                  </Button>
                </div>
              )}
            </div>
          </li>
        ))}
      </ul>
      {writer.references.some(({ state }) => state === 'doubtful') && (
        <Notice tone="warning">
          <p>A doubtful reference does not count until a person confirms it.</p>
        </Notice>
      )}
      {error !== undefined && <Problem error={error} />}
      {may(['enrol']) && (
        <AddPictures what="references" several onAdd={add}>
          <p class="soft small">Dropped here or chosen, they are enrolled at once.</p>
        </AddPictures>
      )}
    </section>
  );
}
