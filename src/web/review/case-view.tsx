import { useCallback, useState } from 'preact/hooks';
import { VERDICTS } from '../compare/verdicts.js';
import { EvidenceScale } from '../evidence/evidence-scale.js';
import { servicePairs } from '../evidence/pairs-source.js';
import { Overlay } from '../overlay/overlay-view.js';
import { Badge } from '../parts/badge.js';
import { Moment } from '../parts/moment.js';
import { Notice, Problem } from '../parts/notice.js';
import { SheetPicture } from '../signature/sheet-picture.js';
import { useBlobUrl } from '../signature/thumbnail.js';
import { serviceCleaner } from '../state/service-cleaner.js';
import { useAnswer } from '../state/use-answer.js';
import { type CaseOnDesk, next, type ShownReference } from './desk.js';
import { Say } from './say.js';
import { useShortcuts } from './use-shortcuts.js';

/** One case on one screen: the pictures, what the network said, and the person's word. */
export function CaseView({ onDesk }: { readonly onDesk: CaseOnDesk }) {
  const { reviewed } = onDesk;
  const questioned = useAnswer(() => onDesk.questioned, reviewed.id);
  const references = useAnswer(onDesk.references, reviewed.id);
  const [at, setAt] = useState(0);
  const count = references.value?.length ?? 0;
  const reference = references.value?.[Math.min(at, count - 1)];
  const move = (by: number) => setAt((place) => (count === 0 ? 0 : (place + by + count) % count));
  const act = useCallback(
    (key: string) => {
      if (key !== 'ArrowLeft' && key !== 'ArrowRight') return false;
      move(key === 'ArrowLeft' ? -1 : 1);
      return true;
    },
    [count],
  );
  useShortcuts(act);

  return (
    <div class="case">
      <section class="pictures" aria-label="Signatures">
        <figure class="card">
          <figcaption class="row apart">
            <h2>Questioned</h2>
            <span class="soft small">
              for writer <strong>{reviewed.writer}</strong>
            </span>
          </figcaption>
          <Shown blob={questioned.value} label="Questioned signature" failed={questioned.error !== undefined} />
        </figure>
        <figure class="card">
          <figcaption class="row apart">
            <h2>Reference {reference?.number}</h2>
            <span class="soft small">
              <kbd>←</kbd> <kbd>→</kbd> {count} in all
            </span>
          </figcaption>
          {reference ? (
            <ReferenceShown key={reference.id} reference={reference} />
          ) : (
            <SheetPicture url={undefined} label="" />
          )}
          {references.error !== undefined && <Problem error={references.error} onAgain={references.again} />}
          <ReferenceStrip references={references.value ?? []} at={at} onAt={setAt} />
        </figure>
        {questioned.value && reference && (
          <OverlayOf key={reference.id} questioned={questioned.value} reference={reference} />
        )}
      </section>
      <section class="stack" aria-label="What the network said">
        <Say reviewed={reviewed} />
        <NetworkSaid onDesk={onDesk} />
        <p class="soft small">{next.value ? 'The next case is ready.' : 'No other case is waiting.'}</p>
      </section>
    </div>
  );
}

function Shown({
  blob,
  label,
  failed,
}: {
  readonly blob: Blob | undefined;
  readonly label: string;
  readonly failed: boolean;
}) {
  return <SheetPicture url={useBlobUrl(blob)} label={label} failed={failed} />;
}

function ReferenceShown({ reference }: { readonly reference: ShownReference }) {
  const answer = useAnswer(() => reference.image, reference.id);
  return <Shown blob={answer.value} label={`Reference ${reference.number}`} failed={answer.error !== undefined} />;
}

function ReferenceStrip({
  references,
  at,
  onAt,
}: {
  readonly references: readonly ShownReference[];
  readonly at: number;
  readonly onAt: (place: number) => void;
}) {
  return (
    <ul class="plain strip">
      {references.map((reference, i) => (
        <li key={reference.id}>
          <button
            type="button"
            aria-pressed={i === at}
            aria-label={`Reference ${reference.number}`}
            onClick={() => onAt(i)}
          >
            <ReferenceShown reference={reference} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function OverlayOf({ questioned, reference }: { readonly questioned: Blob; readonly reference: ShownReference }) {
  const answer = useAnswer(() => reference.image, reference.id);
  if (answer.value === undefined) return null;
  return (
    <section class="card over" aria-label="One over the other">
      <Overlay reference={answer.value} questioned={questioned} cleaner={serviceCleaner} />
    </section>
  );
}

function NetworkSaid({ onDesk: { reviewed, comparedWith } }: { readonly onDesk: CaseOnDesk }) {
  const { network, verdicts, twoPerson, createdAt } = reviewed;
  const count = useAnswer(() => comparedWith, reviewed.id).value;
  const { result, reasons, distance, acceptUpTo, rejectAbove, modelId } = network;
  return (
    <div class="card stack">
      <div class="row apart">
        <h2>The network said</h2>
        <Badge tone={VERDICTS[result].tone}>{VERDICTS[result].word}</Badge>
      </div>
      <ul class="reasons small">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {distance !== null && count !== undefined && (
        <EvidenceScale
          source={servicePairs}
          modelId={modelId}
          referenceCount={count}
          distance={distance}
          thresholds={acceptUpTo === null || rejectAbove === null ? null : { acceptUpTo, rejectAbove }}
        />
      )}
      <dl class="facts small">
        <dt>Opened</dt>
        <dd>
          <Moment at={createdAt} />
        </dd>
        {network.policy !== null && (
          <>
            <dt>Policy</dt>
            <dd>{network.policy}</dd>
          </>
        )}
        {network.amount !== null && (
          <>
            <dt>Amount</dt>
            <dd>
              {network.amount} {network.currency}
            </dd>
          </>
        )}
      </dl>
      {twoPerson && (
        <Notice>
          <p>Two people have to say the same.</p>
          {verdicts.length > 0 && <p>One has spoken; what they said is not shown until you have.</p>}
        </Notice>
      )}
    </div>
  );
}
