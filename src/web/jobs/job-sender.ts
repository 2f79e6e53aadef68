import { ask, newIdempotencyKey } from '../state/service.js';
import { batchesOf, itemOf, type JobKind } from './job-items.js';

/** Makes the job, adds its items a batch at a time and starts it; after trouble it goes on where it was. */
export class JobSender {
  readonly #batches: ReturnType<typeof batchesOf>;
  readonly #make: () => Promise<string>;
  #job: string | undefined;
  #sent = 0;

  constructor(kind: JobKind, title: string, items: Parameters<typeof batchesOf>[0]) {
    this.#batches = batchesOf(items);
    const idempotencyKey = newIdempotencyKey();
    this.#make = async () =>
      (await ask((service) => service.createJob({ body: { kind, title } }, { idempotencyKey }))).id;
  }

  /** @param onSent - hears the share of batches that are there. @returns the job's id */
  async run(onSent: (share: number) => void): Promise<string> {
    this.#job ??= await this.#make();
    const params = { job: this.#job };
    for (; this.#sent < this.#batches.length; this.#sent++) {
      onSent(this.#sent / this.#batches.length);
      const items = this.#batches[this.#sent]!.map(({ row, image }) => itemOf(row, image));
      const idempotencyKey = `${this.#job}-${this.#sent}`;
      await ask((service) => service.addJobItems({ params, body: { items } }, { idempotencyKey }));
    }
    await ask((service) => service.startJob({ params }, { idempotencyKey: `${this.#job}-start` }));
    return this.#job;
  }
}
