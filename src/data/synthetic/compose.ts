/**
 * A writer's action plan: which letters, how joined, what they dissolve into, how the signature closes.
 */
import type { Rng } from '../../core/rng.js';
import { type ActionPlan, type ComponentRole, type PlanComponent, planBounds, type Target } from './action-plan.js';
import { flourish, tailTargets } from './flourishes.js';
import { CAPITALS } from './glyphs.js';
import { CONSONANTS, VOWEL_SIGNS } from './hanging-letters.js';
import { ownLetter } from './letters.js';
import { drawInitial, drawName } from './name.js';
import type { ScriptStyle } from './style.js';

/** The pen as it moves along the line: finished components, the one in progress, and where the next letter begins. */
class Line {
  readonly components: PlanComponent[] = [];
  marks: PlanComponent[] = [];
  open: Target[] = [];
  role: ComponentRole = 'text';
  x = 0;

  get last(): Target {
    return (
      this.open.at(-1) ?? this.components.findLast((component) => component.role !== 'mark')?.targets.at(-1) ?? ORIGIN
    );
  }

  lift(): void {
    if (this.open.length > 1) this.components.push({ role: this.role, targets: this.open });
    this.open = [];
  }

  /** Dots and crossbars are set when the word is done. */
  endWord(): void {
    this.lift();
    this.components.push(...this.marks);
    this.marks = [];
  }
}

const ORIGIN: Target = { x: 0, y: 0, bend: 0 };

/** @returns the plan, its baseline bent and sloped as the writer does */
export function composePlan(style: ScriptStyle, rng: Rng): ActionPlan {
  const line = new Line();
  const text = rng.fork('text');
  const joins = rng.fork('joins');
  const letters = rng.fork('letters');
  let written = 0;
  const word = (name: string, length: number) => {
    for (let i = 0; i < Math.min(length, name.length); i++) {
      // A stream for each letter: who writes the text in a hand that is a little another joins the same letters but for a few.
      writeLetter(line, name[i]!, style, i / Math.max(4, name.length - 1), joins.fork(written++), letters);
    }
  };
  const tail = (count: number) => {
    const start = line.last;
    if (line.open.length === 0) line.open = [{ x: line.x, y: 0.1, bend: 0 }];
    const size = { width: style.letters.width * 0.9, height: style.tailHeight, fading: style.fading };
    const run = tailTargets(style.tail, start.x > line.x ? start : { ...start, x: line.x }, count, size, text);
    line.open.push(...run);
    line.x = run.at(-1)!.x + 0.3;
  };
  const space = () => {
    line.endWord();
    line.x += style.wordGap + Math.max(0, style.spacing);
  };
  const initial = (dotted: boolean) => {
    word(drawInitial(text), 1);
    line.endWord();
    if (dotted) line.components.push(dot(line.x + 0.1, 0.05));
    line.x += dotted ? 0.5 : 0.1;
  };

  switch (style.composition) {
    case 'fullName':
      word(drawName(text, 1 + text.int(2)), 9);
      if (text.chance(0.75)) {
        space();
        word(drawName(text, 1 + text.int(2)), 8);
      }
      break;
    case 'initialsAndName':
      for (let count = 1 + text.int(2); count > 0; count--) initial(text.chance(0.6));
      word(drawName(text, 1 + text.int(2)), 9);
      break;
    case 'nameTrailingOff':
      if (text.chance(0.4)) initial(false);
      word(drawName(text, 2), 2 + text.int(3));
      tail(2 + text.int(4));
      break;
    case 'monogram':
      word(drawInitial(text), 1);
      for (let count = 1 + text.int(2); count > 0; count--) {
        if (text.chance(0.5)) line.lift();
        line.x -= text.uniform(0.2, 0.7) * style.capitalScale;
        word(drawInitial(text), 1);
      }
      if (text.chance(0.6)) tail(1 + text.int(3));
      break;
    case 'headline':
      for (let words = text.pick([1, 2, 2, 2, 3]); words > 0; words--)
        writeHangingWord(line, 2 + text.int(4), style, text, letters);
      break;
    case 'scribble':
      word(drawInitial(text), 1);
      tail(3 + text.int(4));
      if (text.chance(0.5)) {
        word(text.pick(['g', 'l', 'f', 'h', 'y', 'd']), 1);
        tail(1 + text.int(3));
      }
      break;
  }
  const plan = close(line, style, rng.fork('flourish'));
  return plan.map((component) => ({
    ...component,
    targets: component.targets.map((target) => ({
      ...target,
      y: target.y + style.baselineSlope * target.x + style.baselineArch * target.x ** 2,
    })),
  }));
}

/** Writes one letter at the line's end; `done` (0 to 1) is how far the word has got. */
function writeLetter(line: Line, character: string, style: ScriptStyle, done: number, joins: Rng, letters: Rng): void {
  const capital = character in CAPITALS;
  const scale = capital ? style.capitalScale : 1 + (style.fading - 1) * done;
  const width = capital ? 0.75 + 0.25 * style.capitalScale : 1;
  const letter = ownLetter(
    character,
    capital ? { ...style.letters, ascender: 1, descender: 1 } : style.letters,
    letters,
  );
  const placed = letter.map((component) =>
    component.map((target) => ({ ...target, x: line.x + target.x * width, y: target.y * scale })),
  );
  const right = placed[capital ? placed.length - 1 : 0]!.at(-1)!;
  if (capital) {
    for (const [i, component] of placed.entries()) {
      if (i > 0 || line.open.length === 0) line.lift();
      line.role = 'capital';
      line.open.push(...component);
    }
    const box = Math.max(...placed.flat().map((target) => target.x));
    // A capital that ends high, or inside itself, is left alone; the others lead on.
    if (right.y > 0.6 || right.x < box - 0.5) line.lift();
    line.x = right.y > 0.6 || right.x < box - 0.5 ? box + 0.1 + style.spacing : right.x - 0.1;
    return;
  }
  const [isDetached, height] = [joins.chance(style.detachment), joins.uniform(0, 0.35)];
  if (isDetached) line.lift();
  if (line.open.length === 0) {
    line.role = 'text';
    line.open.push({ x: line.x - 0.2, y: height, bend: 0 });
  }
  const hurried = placed[0]!.filter((_, i, all) => i === all.length - 1 || !joins.chance(style.haste));
  line.open.push(...hurried);
  for (const mark of placed.slice(1)) line.marks.push({ role: 'mark', targets: mark });
  line.x = right.x + style.spacing;
}

/** A word of letters that hang from a headline; the headline closes it, or is left out by who is in a hurry. */
function writeHangingWord(line: Line, length: number, style: ScriptStyle, text: Rng, letters: Rng): void {
  const start = line.x;
  const put = (name: string) => {
    const placed = ownLetter(name, { ...style.letters, ascender: 1 }, letters).map((component) =>
      component.map((target) => ({ ...target, x: line.x + target.x })),
    );
    for (const component of placed) {
      // Who writes fast does not lift the pen between the parts of a letter.
      if (line.open.length === 0 || !text.chance(2 * style.haste)) line.lift();
      line.open.push(...component);
    }
    const right = Math.max(line.x, ...placed.flat().map((target) => target.x));
    line.x = right + 0.12 + Math.max(-0.05, style.spacing * 0.5);
  };
  for (let i = 0; i < length; i++) {
    put(text.pick(CONSONANTS));
    if (text.chance(0.5)) put(text.pick(VOWEL_SIGNS));
  }
  line.lift();
  const end = { x: line.x + text.uniform(0, 0.5), y: 1 + text.normal(0, 0.08), bend: text.normal(0, 0.1) };
  if (!text.chance(style.haste))
    line.components.push({ role: 'text', targets: [{ x: start - 0.15, y: 1, bend: 0 }, end] });
  line.x += style.wordGap;
}

function dot(x: number, y: number): PlanComponent {
  return { role: 'mark', targets: [{ x, y, bend: 0 }, { x: x + 0.06, y: y - 0.04, bend: 0 }] }; // biome-ignore format: one point
}

function close(line: Line, style: ScriptStyle, rng: Rng): ActionPlan {
  const box = planBounds([
    ...line.components,
    { role: 'text', targets: line.open.length > 0 ? line.open : [line.last] },
  ]);
  const trimmed = { ...box, bottom: Math.max(box.bottom, -0.9), top: Math.min(box.top, 2.6) };
  const end = flourish(style.flourish, trimmed, line.last, rng);
  if (end.continued.length > 0) {
    if (line.open.length === 0) line.open = [line.last];
    line.open.push(...end.continued);
  }
  line.endWord();
  if (rng.chance(0.15)) line.components.push(dot(box.right + 0.4, 0.1));
  return [...line.components, ...end.separate];
}
