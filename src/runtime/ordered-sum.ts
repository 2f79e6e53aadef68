/**
 * A sum in shared memory to which several workers add, in a fixed order.
 *
 * Float sums depend on their order, so each worker waits until the tickets before its own have been added. Tasks are
 * handed out in the order of their tickets, so whoever is waited for is at work.
 */
import type { OrderedSum } from './messages.js';

/** Ticket 0 sets the sum, the others add. @throws Error when an earlier term was lost */
export function addInTurn({ sum, ticket, turn }: OrderedSum, terms: Float32Array): void {
  const turns = new Int32Array(turn);
  for (let now = Atomics.load(turns, 0); now !== ticket; now = Atomics.load(turns, 0)) {
    if (now === LOST) throw new Error('a term of the sum was lost');
    Atomics.wait(turns, 0, now);
  }
  if (ticket === 0) sum.set(terms);
  else for (let i = 0; i < terms.length; i++) sum[i]! += terms[i]!;
  Atomics.compareExchange(turns, 0, ticket, ticket + 1); // stays lost where another was lost meanwhile
  Atomics.notify(turns, 0);
}

const LOST = -1;

/** Nobody may wait for a term that will not come. */
export function loseTurn({ turn }: OrderedSum): void {
  const turns = new Int32Array(turn);
  Atomics.store(turns, 0, LOST);
  Atomics.notify(turns, 0);
}
