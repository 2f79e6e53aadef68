/**
 * Whether a text is what a person would call a number, a name or a title: on one line, something to see in it, no
 * character that does not show, and Unicode, which a lone half of a pair is not.
 *
 * @param most - characters
 */
export function isOneLine(text: string, most: number): boolean {
  return text.length <= most && /\S/.test(text) && !/[\p{Cc}\p{Surrogate}]/u.test(text);
}
