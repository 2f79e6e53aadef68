import { useCallback, useEffect, useState } from 'preact/hooks';
import { isAbort } from './trouble.js';

export interface Answer<Value> {
  /** The latest that came; it stays while a newer one is on its way. */
  readonly value: Value | undefined;
  readonly error: unknown;
  readonly waiting: boolean;
  /** Asks once more. */
  readonly again: () => void;
}

/**
 * Asks when the component appears and whenever `about` changes, and lets go of what is no longer wanted.
 *
 * @param about - what the question depends on, as text; an answer to another one is not shown
 */
export function useAnswer<Value>(ask: (signal: AbortSignal) => Promise<Value>, about: string): Answer<Value> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<State<Value>>({ about, value: undefined, error: undefined, waiting: true });
  useEffect(() => {
    const controller = new AbortController();
    setState((before) => ({
      ...{ about, error: undefined, waiting: true },
      value: before.about === about ? before.value : undefined,
    }));
    ask(controller.signal).then(
      (value) => !controller.signal.aborted && setState({ about, value, error: undefined, waiting: false }),
      (error: unknown) => {
        if (controller.signal.aborted || isAbort(error)) return;
        setState((before) => ({ ...before, error, waiting: false }));
      },
    );
    return () => controller.abort();
  }, [about, round]);
  const again = useCallback(() => setRound((number) => number + 1), []);
  const current = state.about === about ? state : { value: undefined, error: undefined, waiting: true };
  return { ...current, again };
}

interface State<Value> {
  readonly about: string;
  readonly value: Value | undefined;
  readonly error: unknown;
  readonly waiting: boolean;
}
