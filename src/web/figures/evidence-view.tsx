/** How good the model is, what follows for a threshold, and what this installation has seen. */
import { useState } from 'preact/hooks';
import { SelectField } from '../parts/field.js';
import { Markdown } from '../parts/markdown.js';
import { Problem } from '../parts/notice.js';
import { Waiting } from '../parts/progress.js';
import { SignedIn } from '../shell/signed-in.js';
import { ask } from '../state/service.js';
import { may } from '../state/session.js';
import { useAnswer } from '../state/use-answer.js';
import { OperatingPoint } from './operating-point.js';
import { Statistics } from './statistics.js';
import './figures.css';
import { ViewHeading } from '../shell/arrival.js';

export function EvidenceView() {
  return (
    <>
      <div class="view-head">
        <ViewHeading>Evidence</ViewHeading>
      </div>
      <SignedIn roles={['verify', 'enrol', 'review']}>
        <div class="stack">
          <Models />
          {may(['review']) && <Statistics />}
        </div>
      </SignedIn>
    </>
  );
}

function Models() {
  const models = useAnswer((signal) => ask((service) => service.listModels(), signal), 'models');
  const [chosen, setChosen] = useState<string>();
  if (models.error !== undefined) return <Problem error={models.error} onAgain={models.again} />;
  if (models.value === undefined) return <Waiting what="Loading the models" height="30rem" />;
  const known = models.value.items.filter(({ facts }) => facts !== null);
  const model = known.find(({ id }) => id === chosen) ?? known.find(({ running }) => running) ?? known[0]!;
  const options = known.map(({ id, names, running }) => ({
    value: id,
    text: `${names[0] ?? id}${running ? ', in use' : ''}`,
  }));
  return (
    <div class="stack">
      <div class="filters">
        <SelectField label="Model" value={model.id} onValue={setChosen} options={options} />
        <p class="soft small">
          <code>{model.id}</code>
        </p>
      </div>
      <OperatingPoint key={model.id} model={model.id} />
      <Card model={model.id} />
    </div>
  );
}

function Card({ model }: { readonly model: string }) {
  const card = useAnswer((signal) => ask((service) => service.modelCard({ params: { model } }), signal), model);
  return (
    <details class="card">
      <summary>Model card: what it is, learnt from, and is not for</summary>
      {card.error !== undefined && <Problem error={card.error} onAgain={card.again} />}
      {card.value === undefined && card.error === undefined && <Waiting what="Loading the card" />}
      {card.value && <Markdown text={card.value.markdown} />}
    </details>
  );
}
