/** Signatures as the network sees them, each asked for once. */
import { useEffect, useState } from 'preact/hooks';
import type { Picture } from './picture.js';

export interface Cleaner {
  /** @returns a picture, dark ink on white. @throws an error with `code` and `hint` where there is no signature */
  clean(picture: Blob, signal: AbortSignal): Promise<Blob>;
}

const asked = new WeakMap<Cleaner, WeakMap<Blob, Promise<Blob>>>();

/** What was begun goes on though nobody waits for it: it is short, and the next who asks has it at once. */
export function cleanedBy(cleaner: Cleaner, file: Blob): Promise<Blob> {
  const ofCleaner = asked.get(cleaner) ?? new WeakMap<Blob, Promise<Blob>>();
  asked.set(cleaner, ofCleaner);
  const known = ofCleaner.get(file);
  if (known !== undefined) return known;
  const made = cleaner.clean(file, new AbortController().signal);
  ofCleaner.set(file, made);
  return made;
}

interface Cleaned {
  readonly value?: Blob;
  readonly error?: unknown;
}

export function useCleaned(picture: Picture, cleaner: Cleaner | undefined): Cleaned {
  const [state, setState] = useState<Cleaned>({});
  useEffect(() => {
    setState({});
    if (cleaner === undefined) return;
    let wanted = true;
    cleanedBy(cleaner, picture.file).then(
      (value) => wanted && setState({ value }),
      (error: unknown) => wanted && setState({ error }),
    );
    return () => {
      wanted = false;
    };
  }, [picture, cleaner]);
  return state;
}
