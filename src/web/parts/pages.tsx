import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useAnswer } from '../state/use-answer.js';
import { Button } from './button.js';
import { Problem } from './notice.js';
import { Waiting } from './progress.js';

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** A list that comes in pages: the next is added below when it is asked for. */
export function Pages<Item>({
  about,
  ask,
  empty,
  children,
}: {
  /** What the list depends on, as text. */
  readonly about: string;
  readonly ask: (cursor: { readonly cursor?: string }, signal: AbortSignal) => Promise<Page<Item>>;
  /** Said where there is no item. */
  readonly empty: string;
  readonly children: (items: readonly Item[]) => ComponentChildren;
}) {
  const first = useAnswer((signal) => ask({}, signal), about);
  if (first.error !== undefined) return <Problem error={first.error} onAgain={first.again} />;
  if (first.value === undefined) return <Waiting what="Loading the list" height="16rem" />;
  if (first.value.items.length === 0) return <p class="empty">{empty}</p>;
  return (
    <Further key={about} first={first.value} ask={ask}>
      {children}
    </Further>
  );
}

function Further<Item>({
  first,
  ask,
  children,
}: {
  readonly first: Page<Item>;
  readonly ask: (cursor: { readonly cursor?: string }, signal: AbortSignal) => Promise<Page<Item>>;
  readonly children: (items: readonly Item[]) => ComponentChildren;
}) {
  const [more, setMore] = useState<readonly Page<Item>[]>([]);
  const [state, setState] = useState<{ readonly busy: boolean; readonly error?: unknown }>({ busy: false });
  const { nextCursor } = more.at(-1) ?? first;
  const next = () => {
    setState({ busy: true });
    ask({ cursor: nextCursor! }, new AbortController().signal).then(
      (page) => {
        setMore([...more, page]);
        setState({ busy: false });
      },
      (error: unknown) => setState({ busy: false, error }),
    );
  };
  return (
    <div class="stack">
      {children([first, ...more].flatMap(({ items }) => items))}
      {state.error !== undefined && <Problem error={state.error} />}
      {nextCursor !== null && (
        <div class="row">
          <Button busy={state.busy} onPress={next}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}
