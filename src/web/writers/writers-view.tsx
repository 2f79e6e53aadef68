/** Enrolled writers, to look through and to search. */
import { useEffect, useState } from 'preact/hooks';
import { Badge } from '../parts/badge.js';
import { LinkButton } from '../parts/button.js';
import { Choices, TextField } from '../parts/field.js';
import { Pages } from '../parts/pages.js';
import { linkTo } from '../routes.js';
import { SignedIn } from '../shell/signed-in.js';
import { ask } from '../state/service.js';
import { may } from '../state/session.js';
import { STATES, type WriterState } from './words.js';
import './writers.css';
import { ViewHeading } from '../shell/arrival.js';

type Filter = 'all' | WriterState | 'doubtful';

const FILTERS: readonly { readonly value: Filter; readonly text: string }[] = [
  { value: 'all', text: 'All' },
  { value: 'ready', text: 'Ready' },
  { value: 'enrolling', text: 'Enrolling' },
  { value: 'stale', text: 'Stale' },
  { value: 'doubtful', text: 'With doubts' },
];

export function WritersView() {
  return (
    <>
      <div class="view-head">
        <ViewHeading>Writers</ViewHeading>
        <div class="row">
          {may(['verify']) && (
            <LinkButton to={linkTo({ place: 'identify' })} icon="search">
              Whose signature?
            </LinkButton>
          )}
          {may(['enrol']) && (
            <LinkButton kind="primary" to={linkTo({ place: 'enrol' })} icon="plus">
              Enrol a writer
            </LinkButton>
          )}
        </div>
      </div>
      <SignedIn roles={['verify', 'enrol', 'review']}>
        <List />
      </SignedIn>
    </>
  );
}

function List() {
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const settled = useSettled(search);
  const query = {
    ...(settled !== '' && { search: settled }),
    ...(filter === 'doubtful' ? { doubtful: true } : filter !== 'all' && { state: filter }),
  };
  return (
    <div class="stack">
      <search class="filters">
        <TextField
          label="Number or name"
          type="search"
          value={search}
          onValue={setSearch}
          placeholder="How it begins"
        />
        <Choices label="State" value={filter} onValue={setFilter} options={FILTERS} />
      </search>
      <Pages
        about={JSON.stringify(query)}
        ask={(cursor, signal) => ask((service) => service.listWriters({ query: { ...query, ...cursor } }), signal)}
        empty={
          settled === '' && filter === 'all'
            ? 'No writer is enrolled yet.'
            : 'No writer is like that. Search goes by how a number or a name begins.'
        }
      >
        {(writers) => (
          <ul class="plain writers">
            {writers.map(({ id, externalRef, name, state, references: { enrolled, doubtful } }) => (
              <li key={id}>
                <a href={linkTo({ place: 'writer', writer: externalRef })}>
                  <span class="number">{externalRef}</span>
                  <span class="name">{name}</span>
                  <span class="soft small">
                    {enrolled} {enrolled === 1 ? 'reference' : 'references'}
                    {doubtful > 0 && `, ${doubtful} doubtful`}
                  </span>
                  <Badge tone={STATES[state].tone}>{STATES[state].word}</Badge>
                </a>
              </li>
            ))}
          </ul>
        )}
      </Pages>
    </div>
  );
}

const SETTLE_MS = 200;

/** The text once nothing was typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
