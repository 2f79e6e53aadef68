/** Draws two signatures laid over each other: whole, in two inks, or only where their strokes differ. */
import type { LaidOver, Overlay } from './overlay.js';
import { matrixOf, type Placement } from './placement.js';

/** As CSS writes colours. */
export interface OverlayColours {
  readonly paper: string;
  readonly reference: string;
  readonly questioned: string;
  /** Strokes that both have, where only differences are shown. */
  readonly agreeing: string;
}

export interface OverlayView {
  /** 0 shows the reference alone, 1 the questioned signature alone, 0.5 both in full. */
  readonly balance: number;
  readonly show: 'strokes' | 'differences';
}

/** Paper kept free on each side, as a share of the canvas. */
const MARGIN = 0.04;
/** Strokes that agree stay visible, but behind. */
const AGREEING_OPACITY = 0.45;
/** Around what differs, in px of the reference: it shall not be told by its colour alone. */
const GLOW_PX = 3;

/**
 * Fits both into the canvas, whatever its size in px. Inks mix as inks do on light paper, and as lights do on dark.
 *
 * @param canvas - what was on it is gone
 */
export function drawOverlay(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  overlay: Overlay,
  { balance, show }: OverlayView,
  colours: OverlayColours,
): void {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  context.save();
  context.resetTransform();
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = isLight(colours.paper) ? 'multiply' : 'screen';
  context.imageSmoothingQuality = 'high';
  const fit = fitInto(canvas, overlay);

  const layer = (laid: LaidOver, placement: Placement, colour: string, opacity: number, share: Share, glow = 0) => {
    context.setTransform(fit.scale, 0, 0, fit.scale, fit.left, fit.top);
    const { a, b, c, d, e, f } = matrixOf(placement);
    context.transform(a, b, c, d, e + 0.5, f + 0.5); // placements are of the centres of pixels
    context.translate(-0.5, -0.5);
    context.globalAlpha = opacity;
    context.shadowColor = glow > 0 ? colour : 'transparent';
    context.shadowBlur = glow;
    context.drawImage(tinted(laid, colour, share), 0, 0);
  };
  const { reference, questioned, placement, tolerancePx } = overlay;
  const [referenceOpacity, questionedOpacity] = [Math.min(1, 2 - 2 * balance), Math.min(1, 2 * balance)];
  if (show === 'strokes') {
    layer(reference, IN_PLACE, colours.reference, referenceOpacity, () => 1);
    layer(questioned, placement, colours.questioned, questionedOpacity, () => 1);
  } else {
    const differing: Share = (apartPx) => Math.min(1, Math.max(0, apartPx / tolerancePx - 0.5)); // it fades in
    const agreeing: Share = (apartPx) => 1 - differing(apartPx);
    const glow = GLOW_PX * fit.scale;
    layer(reference, IN_PLACE, colours.agreeing, AGREEING_OPACITY * referenceOpacity, agreeing);
    layer(questioned, placement, colours.agreeing, AGREEING_OPACITY * questionedOpacity, agreeing);
    context.globalCompositeOperation = 'source-over'; // what differs has nothing under it to mix with
    layer(reference, IN_PLACE, colours.reference, referenceOpacity, differing, glow);
    layer(questioned, placement, colours.questioned, questionedOpacity, differing, glow);
  }
  context.restore();
}

const IN_PLACE: Placement = { scale: 1, rotationRadians: 0, dx: 0, dy: 0 };

/** How much of a stroke's ink is drawn, 0 .. 1, by how far it lies from the other's. */
type Share = (apartPx: number) => number;

function tinted({ ink: { width, height, data }, apartPx }: LaidOver, colour: string, share: Share): OffscreenCanvas {
  const pixels = new ImageData(width, height);
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) pixels.data[4 * i + 3] = data[i]! * share(apartPx[i]!);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.putImageData(pixels, 0, 0);
  context.globalCompositeOperation = 'source-in';
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return canvas;
}

/** Where both pictures of an overlay, in px of the reference, come to lie on a canvas. */
function fitInto(canvas: { readonly width: number; readonly height: number }, overlay: Overlay) {
  const corners = [...cornersOf(overlay.reference, IN_PLACE), ...cornersOf(overlay.questioned, overlay.placement)];
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const room = 1 - 2 * MARGIN;
  const scale = Math.min((room * canvas.width) / width, (room * canvas.height) / height);
  return {
    scale,
    left: canvas.width / 2 - scale * (left + width / 2),
    top: canvas.height / 2 - scale * (top + height / 2),
  };
}

/** Of the box around the ink. */
function cornersOf({ ink: { width, height, data } }: LaidOver, placement: Placement): [number, number][] {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  if (right === 0) [left, top, right, bottom] = [0, 0, width, height]; // empty
  const { a, b, c, d, e, f } = matrixOf(placement);
  return [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
  ].map(([x, y]) => [a * x! + c * y! + e, b * x! + d * y! + f]);
}

function isLight(colour: string): boolean {
  const context = new OffscreenCanvas(1, 1).getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! >= 128;
}
