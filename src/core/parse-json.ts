/** The value of a JSON text, undefined where it is none: a schema says what is wrong with either. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
