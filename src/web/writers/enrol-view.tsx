/** A new writer with references: all of them, or nothing. */
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { Button, LinkButton } from '../parts/button.js';
import { TextField } from '../parts/field.js';
import { Problem } from '../parts/notice.js';
import { goTo, linkTo } from '../routes.js';
import { SignedIn } from '../shell/signed-in.js';
import { AddPictures } from '../signature/add-pictures.js';
import { forget, type Picture } from '../signature/picture.js';
import { Thumbnail } from '../signature/thumbnail.js';
import { announce } from '../state/announce.js';
import { ask, newIdempotencyKey } from '../state/service.js';
import { serviceCleaner } from '../state/service-cleaner.js';
import { useAnswer } from '../state/use-answer.js';
import './writers.css';
import { ViewHeading } from '../shell/arrival.js';

interface Draft {
  readonly number: string;
  readonly name: string;
  readonly expires: string;
  readonly pictures: readonly Picture[];
  /** One enrolment, however often it is tried. */
  readonly idempotencyKey: string;
}

const emptyDraft = (): Draft => ({
  ...{ number: '', name: '', expires: '', pictures: [] },
  idempotencyKey: newIdempotencyKey(),
});

/** Stays while a person looks at another view. */
const kept = signal(emptyDraft());

export function EnrolView() {
  return (
    <>
      <div class="view-head">
        <ViewHeading>Enrol a writer</ViewHeading>
        <LinkButton to={linkTo({ place: 'writers' })} icon="back">
          All writers
        </LinkButton>
      </div>
      <SignedIn roles={['enrol']}>
        <Form />
      </SignedIn>
    </>
  );
}

function Form() {
  const draft = kept.value;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const settings = useAnswer((signal) => ask((service) => service.getEnrolmentSettings(), signal), 'settings');

  const change = (changed: Partial<Draft>) => {
    kept.value = { ...kept.value, ...changed, idempotencyKey: newIdempotencyKey() };
  };
  const remove = (picture: Picture) => {
    forget(picture);
    change({ pictures: kept.value.pictures.filter((other) => other !== picture) });
  };
  const enrol = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const outcome = await enrolDraft(draft);
      const doubtful = outcome.references.filter(({ state }) => state === 'doubtful').length;
      announce(`Enrolled. ${outcome.reason}${doubtful > 0 ? ` ${doubtful} doubtful.` : ''}`);
      for (const picture of draft.pictures) forget(picture);
      kept.value = emptyDraft();
      goTo({ place: 'writer', writer: draft.number.trim() });
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };
  const needed = settings.value?.minimumReferences;
  const { length } = draft.pictures;

  return (
    <form
      class="card stack enrol"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void enrol();
      }}
    >
      <div class="fields">
        <TextField
          label="Number"
          hint="Your own: of the account, the customer, the signer."
          value={draft.number}
          onValue={(number) => change({ number })}
          required
        />
        <TextField label="Name, if you like" value={draft.name} onValue={(name) => change({ name })} />
        <TextField
          label="Expires, if it does"
          type="date"
          value={draft.expires}
          onValue={(expires) => change({ expires })}
        />
      </div>
      <section class="stack close" aria-label="References">
        <h2>Genuine signatures</h2>
        <p class="soft small">
          {needed === undefined
            ? 'Signatures that the writer gave at different times tell most.'
            : `${needed} are needed before signatures are decided on; those given at different times tell most.`}
        </p>
        <AddPictures
          what="references"
          several
          onAdd={(pictures) => change({ pictures: [...kept.value.pictures, ...pictures] })}
        >
          {length > 0 && (
            <ul class="plain thumbnails">
              {draft.pictures.map((picture, i) => (
                <li key={picture.id}>
                  <Thumbnail
                    picture={picture}
                    cleaner={serviceCleaner}
                    label={`Reference ${i + 1}`}
                    onRemove={() => remove(picture)}
                  />
                </li>
              ))}
            </ul>
          )}
        </AddPictures>
      </section>
      {error !== undefined && <Problem error={error} />}
      <div class="row">
        <Button kind="primary" submit busy={busy}>
          {busy ? 'Enrolling' : length === 0 ? 'Enrol without references' : `Enrol with ${length}`}
        </Button>
      </div>
    </form>
  );
}

function enrolDraft({ number, name, expires, pictures, idempotencyKey }: Draft) {
  return ask((service) =>
    service.enrolWriter(
      {
        body: {
          writer: number.trim(),
          ...(name.trim() !== '' && { name: name.trim() }),
          ...(expires !== '' && { expiresAt: expires }),
          references: pictures.map(({ file }) => ({ image: file })),
        },
      },
      { idempotencyKey },
    ),
  );
}
