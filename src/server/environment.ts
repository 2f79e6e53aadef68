import type { HttpBindings } from '@hono/node-server';

/** What is known of a request on its way, for Hono. */
export interface Environment {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    /** Of `OPERATIONS`, once it is known. */
    operation?: string;
    /** Of the key that was admitted. */
    keyId?: string;
  };
}
