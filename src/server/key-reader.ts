/**
 * Keys from the store, by one query at a time: whoever asks while it is on its way is answered by the next, with all
 * others who did. So wrong keys, however many come at once, cost about as much as one; and what is answered was read after
 * it was asked for, so that a key holds as soon as it is made.
 */
import { findApiKeys, type KnownKey } from '../store/api-keys.js';
import type { Store } from '../store/store.js';

interface Batch {
  readonly ids: Set<string>;
  readonly keys: Promise<ReadonlyMap<string, KnownKey>>;
}

export class KeyReader {
  readonly #store: Pick<Store, 'database'>;
  #gathering: Batch | undefined;
  /** Settles with the query that is on its way. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(store: Pick<Store, 'database'>) {
    this.#store = store;
  }

  /** @returns undefined where there is none, or it was revoked */
  async find(id: string): Promise<KnownKey | undefined> {
    this.#gathering ??= this.#gather();
    const { ids, keys } = this.#gathering;
    ids.add(id);
    return (await keys).get(id);
  }

  #gather(): Batch {
    const ids = new Set<string>();
    const keys = this.#reading.then(async () => {
      this.#gathering = undefined;
      const found = await findApiKeys(this.#store.database.orm, [...ids]);
      return new Map(found.map((key) => [key.id, key]));
    });
    this.#reading = keys.catch(() => undefined);
    return { ids, keys };
  }
}
