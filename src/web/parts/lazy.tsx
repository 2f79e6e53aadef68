import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from './notice.js';
import { Waiting } from './progress.js';

/** A component whose script comes when it is first shown. @param load - loads it */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [, setArrived] = useState(0);
    const [error, setError] = useState<unknown>();
    const [attempt, setAttempt] = useState(0);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (component) => {
          loaded = component;
          setArrived(1);
        },
        (reason: unknown) => setError(reason),
      );
    }, [attempt]);
    if (loaded !== undefined) {
      const Loaded = loaded;
      return <Loaded {...props} />;
    }
    if (error === undefined) return <Waiting what="Loading" />;
    const again = () => {
      setError(undefined);
      setAttempt(attempt + 1);
    };
    return <Problem error={error} onAgain={again} />;
  };
}
