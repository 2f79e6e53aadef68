/** Whatever went wrong, as it is told to people. */

export interface Trouble {
  readonly message: string;
  /** What can be done about it. */
  readonly hint?: string | undefined;
  /** Of the catalogue, docs/errors.md. */
  readonly code?: string | undefined;
}

/** @param error - of the service, of the comparison in the browser, or of the browser itself */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, hint } = error as Error & { readonly code?: unknown; readonly hint?: unknown };
  return {
    message: error.message,
    hint: typeof hint === 'string' ? hint : undefined,
    code: typeof code === 'string' ? code : undefined,
  };
}

/** Whether it is only that the asker no longer waits for the answer. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
