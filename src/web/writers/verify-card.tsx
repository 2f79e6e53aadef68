/** A questioned signature, decided on by a policy or the model's own threshold, and written down. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../api/schemas.js';
import { DecisionShown } from '../decision/decision-shown.js';
import { Button } from '../parts/button.js';
import { SelectField, TextField } from '../parts/field.js';
import { Notice, Problem } from '../parts/notice.js';
import { AddPictures } from '../signature/add-pictures.js';
import { forget, type Picture } from '../signature/picture.js';
import { Thumbnail } from '../signature/thumbnail.js';
import { announce } from '../state/announce.js';
import { ask, newIdempotencyKey } from '../state/service.js';
import { serviceCleaner } from '../state/service-cleaner.js';
import { useAnswer } from '../state/use-answer.js';
import { lastDecision } from './last-decision.js';

type Decision = AnswerOf<'decide'>;

export function VerifyCard({ writer }: { readonly writer: AnswerOf<'getWriter'> }) {
  const [picture, setPicture] = useState<Picture>();
  const [policy, setPolicy] = useState('');
  const [amount, setAmount] = useState('');
  const [currency, setCurrency] = useState('EUR');
  const [decision, setDecision] = useState<Decision>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const policies = useAnswer((signal) => ask((service) => service.listPolicies(), signal), 'policies');

  const take = (taken: Picture | undefined) => {
    if (picture) forget(picture);
    setPicture(taken);
    setDecision(undefined);
    setError(undefined);
  };
  const decide = async () => {
    setBusy(true);
    setError(undefined);
    const idempotencyKey = newIdempotencyKey();
    const body = {
      signatures: [{ writer: writer.externalRef, image: picture!.file }],
      ...(policy !== '' && { policy }),
      ...(amount.trim() !== '' && { amount: amount.trim(), currency }),
    };
    try {
      const made = await ask((service) => service.decide({ body }, { idempotencyKey }));
      setDecision(made);
      lastDecision.value = made.signatures[0]!.decisionId;
      announce(made.reasons[0] ?? made.decision);
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section class="card stack" aria-labelledby="verify">
      <h2 id="verify">Is this theirs?</h2>
      {writer.state !== 'ready' && (
        <Notice tone="warning">
          <p>The writer is not ready, so the answer will be: no decision.</p>
        </Notice>
      )}
      <AddPictures what="the questioned signature" several={false} onAdd={([first]) => take(first)}>
        {picture && (
          <div class="thumbnails one">
            <Thumbnail
              picture={picture}
              cleaner={serviceCleaner}
              label="Questioned signature"
              onRemove={() => take(undefined)}
            />
          </div>
        )}
      </AddPictures>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && picture) void decide();
        }}
      >
        <SelectField
          label="Policy"
          value={policy}
          onValue={setPolicy}
          options={[{ value: '', text: "None: the model's own threshold" }, ...activeOnes(policies.value)]}
        />
        <div class="fields">
          <TextField label="Amount, if any" value={amount} onValue={setAmount} inputMode="decimal" placeholder="800" />
          <TextField label="Currency" value={currency} onValue={setCurrency} maxLength={3} />
        </div>
        <div class="row">
          <Button kind="primary" submit disabled={picture === undefined} busy={busy}>
            {busy ? 'Deciding' : 'Decide, and write it down'}
          </Button>
        </div>
      </form>
      {error !== undefined && <Problem error={error} />}
      {decision && <DecisionShown decision={decision} />}
    </section>
  );
}

function activeOnes(policies: AnswerOf<'listPolicies'> | undefined) {
  const now = new Date();
  return (policies?.items ?? [])
    .filter(
      ({ activeFrom, activeTo }) =>
        activeFrom !== null && new Date(activeFrom) <= now && !(activeTo && new Date(activeTo) <= now),
    )
    .map(({ name, document }) => ({ value: name, text: document.title }));
}
