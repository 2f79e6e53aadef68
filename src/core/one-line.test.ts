import { describe, expect, it } from 'vitest';
import { isOneLine } from './one-line.js';

describe('a line', () => {
  it.each(['4711', 'N-4711/a', 'Zoë O’Hara', '李', '😀', ' 4711'])('is %s', (text) => {
    expect(isOneLine(text, 20)).toBe(true);
  });

  it.each(['', '  ', 'a\nb', 'a\0b', '\u007f', '\ud800', 'x'.repeat(21)])('is not %j', (text) => {
    expect(isOneLine(text, 20)).toBe(false);
  });
});
