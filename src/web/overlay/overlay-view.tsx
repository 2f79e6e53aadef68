import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { inkFromPng } from '../local/ink-picture.js';
import { Choices } from '../parts/field.js';
import { Problem } from '../parts/notice.js';
import { Skeleton } from '../parts/progress.js';
import { useWidth } from '../parts/use-width.js';
import { type Cleaner, cleanedBy } from '../signature/cleaned.js';
import { theme } from '../state/theme.js';
import { useAnswer } from '../state/use-answer.js';
import { drawOverlay, type OverlayView } from './draw.js';
import { type Overlay as Laid, layOver } from './overlay.js';
import './overlay.css';
import { overlayInWords } from './words.js';

const SHOWN = [
  { value: 'strokes', text: 'Both' },
  { value: 'differences', text: 'Where they differ' },
] as const;

/** Two signatures aligned, in two colours, with a slider from one to the other. */
export function Overlay({
  reference,
  questioned,
  cleaner,
}: {
  readonly reference: Blob;
  readonly questioned: Blob;
  readonly cleaner: Cleaner;
}) {
  const laid = useAnswer(
    async () => {
      const [own, other] = await Promise.all(
        [reference, questioned].map((file) => cleanedBy(cleaner, file).then(inkFromPng)),
      );
      return layOver(own!, other!);
    },
    `${numberOf(reference)} ${numberOf(questioned)}`,
  );
  if (laid.error !== undefined) return <Problem error={laid.error} onAgain={laid.again} />;
  if (laid.value === undefined) return <Skeleton height="20rem" />;
  return <Shown laid={laid.value} />;
}

function Shown({ laid }: { readonly laid: Laid }) {
  const [element, width] = useWidth<HTMLDivElement>(600);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<OverlayView>({ balance: 0.5, show: 'strokes' });
  const height = Math.round(Math.min(width * 0.5, 340));
  const id = useId();
  useEffect(() => {
    const sheet = canvas.current!;
    sheet.width = width * devicePixelRatio;
    sheet.height = height * devicePixelRatio;
    drawOverlay(sheet, laid, view, coloursOfPage());
  }, [laid, view, width, height, theme.value]);
  return (
    <div class="stack overlay" ref={element}>
      <canvas
        ref={canvas}
        style={{ width: `${width}px`, height: `${height}px` }}
        role="img"
        aria-label={overlayInWords(laid)}
      />
      <div class="balance">
        <span class="reference small">Reference</span>
        <label class="visually-hidden" for={id}>
          From the reference to the questioned signature
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={view.balance}
          aria-valuetext={inWords(view.balance)}
          onInput={(event) => setView({ ...view, balance: Number(event.currentTarget.value) })}
        />
        <span class="questioned small">Questioned</span>
        <Choices label="Show" value={view.show} onValue={(show) => setView({ ...view, show })} options={SHOWN} />
      </div>
      <p class="soft small">{overlayInWords(laid)}</p>
    </div>
  );
}

function inWords(balance: number): string {
  if (balance === 0.5) return 'both';
  const share = `${Math.round(100 * Math.abs(2 * balance - 1))} %`;
  return balance < 0.5 ? `${share} towards the reference` : `${share} towards the questioned signature`;
}

function coloursOfPage() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name);
  return {
    paper: colour('--sheet'),
    reference: colour('--reference-ink'),
    questioned: colour('--questioned-ink'),
    agreeing: colour('--sheet-ink'),
  };
}

const numbers = new WeakMap<Blob, number>();
let last = 0;

/** Tells one file from another. */
function numberOf(file: Blob): number {
  const known = numbers.get(file) ?? ++last;
  numbers.set(file, known);
  return known;
}
