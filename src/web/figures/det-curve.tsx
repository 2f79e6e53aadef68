import { probit } from '../../evaluate/probit.js';
import { percent } from '../parts/numbers.js';
import { useWidth } from '../parts/use-width.js';
import type { Curve } from './operating-point.js';

const TICKS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8];
const [LEAST, MOST] = [0.0005, 0.9];
const LEFT = 62;
const TOP = 26;
const BELOW = 46;
const RIGHT = 14;

type Points = Curve['points'];

/**
 * False rejections over false acceptances, on probit axes. The point is moved along the curve by dragging; the range below it
 * does the same for the keyboard.
 */
export function DetCurve({
  points,
  at,
  onAt,
}: {
  readonly points: Points;
  readonly at: number;
  readonly onAt: (at: number) => void;
}) {
  const [element, width] = useWidth<HTMLDivElement>(480);
  const height = Math.min(width, 440);
  const x = axis(LEFT, width - RIGHT);
  const y = axis(height - BELOW, TOP);
  const { farSkilled, frr } = points[at]!;
  const [px, py] = [x(farSkilled.value), y(frr.value)];
  const pull = (event: PointerEvent & { readonly currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    onAt(nearest(points, x, y, event.clientX - box.left, event.clientY - box.top));
  };
  return (
    <div ref={element} class="det">
      <svg
        class="drawing"
        width={width}
        height={height}
        role="img"
        aria-label={`DET curve. At the threshold, ${percent(farSkilled.value)} of skilled forgeries are accepted and ${percent(frr.value)} of genuine signatures rejected.`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          pull(event);
        }}
        onPointerMove={(event) => {
          if (event.buttons > 0) pull(event);
        }}
      >
        <Grid x={x} y={y} width={width} height={height} />
        <path class="equal" d={`M${x(LEAST)} ${y(LEAST)}L${x(MOST)} ${y(MOST)}`} />
        <path class="curve random" d={pathOf(points, 'farRandom', x, y)} />
        <path class="curve skilled" d={pathOf(points, 'farSkilled', x, y)} />
        <path class="interval" d={`M${x(farSkilled.interval.low)} ${py}H${x(farSkilled.interval.high)}`} />
        <path class="interval" d={`M${px} ${y(frr.interval.low)}V${y(frr.interval.high)}`} />
        <circle class="handle" cx={px} cy={py} r="9" />
      </svg>
      <p class="legend small">
        <span class="skilled">skilled forgeries</span> <span class="random">other people's signatures</span>
      </p>
    </div>
  );
}

type Axis = (rate: number) => number;

function axis(from: number, to: number): Axis {
  const [low, high] = [probit(LEAST), probit(MOST)];
  return (rate) => from + ((probit(Math.min(MOST, Math.max(LEAST, rate))) - low) / (high - low)) * (to - from);
}

function Grid({
  x,
  y,
  width,
  height,
}: {
  readonly x: Axis;
  readonly y: Axis;
  readonly width: number;
  readonly height: number;
}) {
  const label = (rate: number) => `${Number((100 * rate).toFixed(1))} %`;
  const shown = width < 420 ? TICKS.filter((_, i) => i % 2 === 1) : TICKS;
  return (
    <g class="grid">
      {TICKS.map((rate) => (
        <path key={rate} d={`M${x(rate)} ${TOP}V${height - BELOW}M${LEFT} ${y(rate)}H${width - RIGHT}`} />
      ))}
      {shown.map((rate) => (
        <text key={rate} x={x(rate)} y={height - BELOW + 18} text-anchor="middle">
          {label(rate)}
        </text>
      ))}
      {TICKS.map((rate) => (
        <text key={rate} x={LEFT - 8} y={y(rate) + 4} text-anchor="end">
          {label(rate)}
        </text>
      ))}
      <text class="name" x={width - RIGHT} y={height - 8} text-anchor="end">
        forgeries accepted
      </text>
      <text class="name" x={0} y={14}>
        genuine rejected
      </text>
    </g>
  );
}

function pathOf(points: Points, kind: 'farSkilled' | 'farRandom', x: Axis, y: Axis): string {
  return points
    .map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point[kind].value).toFixed(1)} ${y(point.frr.value).toFixed(1)}`)
    .join('');
}

function nearest(points: Points, x: Axis, y: Axis, atX: number, atY: number): number {
  const off = ({ farSkilled, frr }: Points[number]) => Math.hypot(x(farSkilled.value) - atX, y(frr.value) - atY);
  return points.reduce((best, point, i) => (off(point) < off(points[best]!) ? i : best), 0);
}
