import { describe, expect, it } from 'vitest';
import { Rng } from '../../core/rng.js';
import { CAPITALS, SMALL_LETTERS } from './glyphs.js';
import { HANGING_LETTERS } from './hanging-letters.js';
import { ownLetter } from './letters.js';
import { genuineTrace } from './sign.js';
import { mixStyles } from './style.js';
import { traceBounds } from './trace.js';
import { createWriter } from './writer.js';

describe('createWriter', () => {
  it('depends on seed and number alone', () => {
    const root = new Rng(1);
    root.uniform();
    expect(createWriter(root, 12).plan).toEqual(createWriter(new Rng(1), 12).plan);
    expect(createWriter(new Rng(2), 12).plan).not.toEqual(createWriter(root, 12).plan);
  });

  it('gives every writer between 2 and 4 forgers and a signature that fits on a line', () => {
    for (let index = 1; index <= 200; index++) {
      const writer = createWriter(new Rng('fit'), index);
      expect([2, 3, 4]).toContain(writer.imitations.length);
      for (const component of writer.plan) expect(component.targets.length).toBeGreaterThan(1);
      const box = traceBounds(genuineTrace(writer, new Rng(index)));
      expect(box.right - box.left).toBeGreaterThan(8);
      expect(box.right - box.left).toBeLessThan(120);
      expect(box.top - box.bottom).toBeGreaterThan(2);
      expect(box.top - box.bottom).toBeLessThan(60);
    }
  });
});

describe('ownLetter', () => {
  const school = { roundness: 1, ascender: 1, descender: 1, width: 1, individuality: 0 };

  it('is the letter of the table for a writer without habits', () => {
    expect(ownLetter('v', school, new Rng(1))[0]![1]).toEqual({ x: 0.44, y: 0, bend: (20 * Math.PI) / 180 });
  });

  it('reads every letter of the tables as numbers, at least two targets a component', () => {
    for (const character of [SMALL_LETTERS, CAPITALS, HANGING_LETTERS].flatMap(Object.keys)) {
      for (const component of ownLetter(character, school, new Rng(1))) {
        expect(component.length).toBeGreaterThan(1);
        for (const target of component) expect(Object.values(target).every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('is the same each time a writer makes it', () => {
    const habits = { ...school, individuality: 0.1 };
    expect(ownLetter('a', habits, new Rng(4))).toEqual(ownLetter('a', habits, new Rng(4)));
    expect(ownLetter('a', habits, new Rng(4))).not.toEqual(ownLetter('a', habits, new Rng(5)));
  });
});

describe('an imitator', () => {
  const [mine, theirs] = [createWriter(new Rng('hands'), 1).style, createWriter(new Rng('hands'), 2).style];
  const habits = { roundness: 1, ascender: 1, descender: 1, width: 1, individuality: 0.1 };
  const stranger = { rng: new Rng('stranger'), share: 0.4 };
  const letter = (more: Partial<typeof habits & { stranger: typeof stranger }>) =>
    ownLetter('k', { ...habits, ...more }, new Rng('own'))[0]!;

  it('writes as the writer, or in the own hand, or in between', () => {
    expect(mixStyles(mine, theirs, 0)).toEqual(mine);
    const whole = mixStyles(mine, theirs, 1);
    expect([whole.capitalScale, whole.wordGap, whole.letters.width]).toEqual([
      theirs.capitalScale,
      theirs.wordGap,
      theirs.letters.width,
    ]);
    // What is written, and how large and slanted, is the writer's.
    expect([whole.composition, whole.flourish, whole.slant]).toEqual([mine.composition, mine.flourish, mine.slant]);
    expect(mixStyles(mine, theirs, 0.5).spacing).toBeCloseTo((mine.spacing + theirs.spacing) / 2, 12);
  });

  it('has own forms of letters in part', () => {
    expect(letter({ stranger: { ...stranger, share: 0 } })).toEqual(letter({}));
    const alone = ownLetter('k', habits, stranger.rng)[0]!;
    const whole = letter({ stranger: { ...stranger, share: 1 } });
    for (const [i, { x, y }] of whole.entries()) {
      expect(x).toBeCloseTo(alone[i]!.x, 12);
      expect(y).toBeCloseTo(alone[i]!.y, 12);
    }
    const away = (a: typeof whole, b: typeof whole) =>
      a.reduce((sum, { x, y }, i) => sum + Math.hypot(x - b[i]!.x, y - b[i]!.y), 0);
    expect(away(letter({ stranger }), letter({}))).toBeGreaterThan(0);
    expect(away(letter({ stranger }), letter({}))).toBeLessThan(away(whole, letter({})));
  });
});
