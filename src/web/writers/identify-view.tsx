/** Whose signature is this? The enrolled writers nearest to it. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../api/schemas.js';
import { Badge } from '../parts/badge.js';
import { LinkButton } from '../parts/button.js';
import { Notice, Problem } from '../parts/notice.js';
import { Waiting } from '../parts/progress.js';
import { linkTo } from '../routes.js';
import { SignedIn } from '../shell/signed-in.js';
import { AddPictures } from '../signature/add-pictures.js';
import { forget, type Picture } from '../signature/picture.js';
import { Thumbnail } from '../signature/thumbnail.js';
import { announce } from '../state/announce.js';
import { ask } from '../state/service.js';
import { serviceCleaner } from '../state/service-cleaner.js';
import './writers.css';
import { ViewHeading } from '../shell/arrival.js';

type Identification = AnswerOf<'identify'>;

export function IdentifyView() {
  return (
    <>
      <div class="view-head">
        <ViewHeading>Whose signature is this?</ViewHeading>
        <LinkButton to={linkTo({ place: 'writers' })} icon="back">
          All writers
        </LinkButton>
      </div>
      <SignedIn roles={['verify']}>
        <Search />
      </SignedIn>
    </>
  );
}

function Search() {
  const [picture, setPicture] = useState<Picture>();
  const [found, setFound] = useState<Identification>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const take = async (taken: Picture | undefined) => {
    if (picture) forget(picture);
    setPicture(taken);
    setFound(undefined);
    setError(undefined);
    if (taken === undefined) return;
    setBusy(true);
    try {
      const answer = await ask((service) => service.identify({ body: { image: taken.file, limit: 5 } }));
      setFound(answer);
      const [nearest] = answer.candidates;
      announce(nearest ? `Nearest: writer ${nearest.writer}, distance ${nearest.distance.toFixed(3)}.` : 'Nobody.');
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class="desk">
      <section class="card stack" aria-label="Questioned signature">
        <AddPictures what="the signature" several={false} onAdd={([first]) => void take(first)}>
          {picture && (
            <div class="thumbnails one">
              <Thumbnail
                picture={picture}
                cleaner={serviceCleaner}
                label="Signature"
                onRemove={() => void take(undefined)}
              />
            </div>
          )}
        </AddPictures>
        <p class="soft small">
          The nearest is not yet the writer: among many who are enrolled, some stranger lies near. Verify against one
          before you act on it. Each search is in the audit log.
        </p>
      </section>
      <section class="stack" aria-label="Candidates">
        {error !== undefined && <Problem error={error} />}
        {busy && <Waiting what="Searching" height="16rem" />}
        {found?.problem && (
          <Notice tone="warning">
            <p>{found.problem.message}</p>
            <p>{found.problem.hint}</p>
          </Notice>
        )}
        {found && !found.problem && found.candidates.length === 0 && (
          <p class="empty">No writer is ready to be compared with.</p>
        )}
        {found && found.candidates.length > 0 && <Candidates of={found} />}
      </section>
    </div>
  );
}

function Candidates({ of }: { readonly of: Identification }) {
  return (
    <ol class="plain writers card">
      {of.candidates.map(({ writer, writerId, distance, similarity, referenceCount, withinThreshold }) => (
        <li key={writerId}>
          <a href={linkTo({ place: 'writer', writer })}>
            <span class="number">{writer}</span>
            <span class="name">
              distance {distance.toFixed(3)}, similarity {similarity.toFixed(0)}
            </span>
            <span class="soft small">{referenceCount === 1 ? '1 reference' : `${referenceCount} references`}</span>
            <Badge tone={withinThreshold ? 'good' : 'none'}>{withinThreshold ? 'Within threshold' : 'Too far'}</Badge>
          </a>
        </li>
      ))}
    </ol>
  );
}
