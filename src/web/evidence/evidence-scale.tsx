/** Where a distance lies: above the line the genuine pairs of the calibration, below it the skilled forgeries. */
import { linearScale, type Scale } from '../parts/axis.js';
import { Problem } from '../parts/notice.js';
import { Skeleton } from '../parts/progress.js';
import { useWidth } from '../parts/use-width.js';
import { useAnswer } from '../state/use-answer.js';
import type { PairsSource } from './pairs-source.js';
import { evidenceScale, type PairsWithin, standingInWords, standingOf } from './scale.js';

export interface Measured {
  readonly modelId: string;
  readonly referenceCount: number;
  readonly distance: number;
  /** Null where the distance was held against no threshold. */
  readonly thresholds: ShownThresholds | null;
}

export interface ShownThresholds {
  readonly acceptUpTo: number;
  /** As `acceptUpTo` where nothing is left to review. */
  readonly rejectAbove: number;
}

export function EvidenceScale({ source, ...measured }: Measured & { readonly source: PairsSource }) {
  const { modelId, referenceCount } = measured;
  const pairs = useAnswer(() => source.pairsFor(modelId, referenceCount), `${modelId} ${referenceCount}`);
  if (pairs.error !== undefined) return <Problem error={pairs.error} onAgain={pairs.again} />;
  return (
    <div class="stack close">
      {pairs.value ? <Drawing pairs={pairs.value} {...measured} /> : <Skeleton height={`${HEIGHT}px`} />}
      <p class="standing">{pairs.value && standingInWords(standingOf(pairs.value, measured.distance))}</p>
    </div>
  );
}

const HEIGHT = 214;
const TOP = 28;
const MIDDLE = 102;
const BOTTOM = 176;

interface DrawingProps extends Pick<Measured, 'distance' | 'thresholds'> {
  readonly pairs: PairsWithin;
}

function Drawing({ pairs, distance, thresholds }: DrawingProps) {
  const [element, width] = useWidth<HTMLDivElement>(600);
  const { upTo, bands } = evidenceScale(pairs);
  const highest = Math.max(...bands.flatMap(({ genuine, skilled }) => [genuine, skilled]));
  const x = linearScale([0, Math.max(upTo, distance * 1.05)], [4, width - 4], width < 420 ? 4 : 8);
  const half = MIDDLE - TOP - 4;
  const area = (kind: 'genuine' | 'skilled', sign: 1 | -1) => {
    const outline = bands.map(
      (band) => `${x(band.distance).toFixed(1)} ${(MIDDLE - (sign * half * band[kind]) / highest).toFixed(1)}`,
    );
    return `M${x(0)} ${MIDDLE}L${outline.join('L')}L${x(upTo)} ${MIDDLE}Z`;
  };
  return (
    <div ref={element}>
      <svg class="drawing scale" width={width} height={HEIGHT} role="img" aria-label={inWords(distance, thresholds)}>
        {thresholds && <Between thresholds={thresholds} x={x} />}
        <path class="band genuine" d={area('genuine', 1)} />
        <path class="band forged" d={area('skilled', -1)} />
        <path class="rule" d={`M4 ${MIDDLE}H${width - 4}`} />
        <text class="kind" x={width - 4} y={TOP + 12} text-anchor="end">
          genuine pairs
        </text>
        <text class="kind" x={width - 4} y={BOTTOM - 6} text-anchor="end">
          skilled forgeries
        </text>
        {thresholds && <Thresholds thresholds={thresholds} x={x} width={width} />}
        <Marker at={x(distance)} width={width} distance={distance} />
        {x.ticks.map((tick) => (
          <text key={tick} x={x(tick)} y={HEIGHT - 4} text-anchor={tick === 0 ? 'start' : 'middle'}>
            {Number(tick.toFixed(2))}
          </text>
        ))}
      </svg>
    </div>
  );
}

/** What is left to review. */
function Between({
  thresholds: { acceptUpTo, rejectAbove },
  x,
}: {
  readonly thresholds: ShownThresholds;
  readonly x: Scale;
}) {
  const [from, to] = [x(acceptUpTo), x(rejectAbove)];
  return <rect class="between" x={from} y={TOP} width={to - from} height={BOTTOM - TOP} />;
}

function Thresholds({
  thresholds: { acceptUpTo, rejectAbove },
  x,
  width,
}: {
  readonly thresholds: ShownThresholds;
  readonly x: Scale;
  readonly width: number;
}) {
  const text = rejectAbove > acceptUpTo ? 'accept up to' : 'threshold';
  return (
    <>
      <path class="threshold" d={`M${x(acceptUpTo)} ${TOP}V${BOTTOM + 4}M${x(rejectAbove)} ${TOP}V${BOTTOM}`} />
      <text class="strong" x={within(x(acceptUpTo), 62, width)} y={BOTTOM + 16} text-anchor="middle">
        {text} {acceptUpTo.toFixed(3)}
      </text>
    </>
  );
}

function Marker({ at, width, distance }: { readonly at: number; readonly width: number; readonly distance: number }) {
  return (
    <g class="marker">
      <path class="line" d={`M${at} ${TOP - 6}V${BOTTOM}`} />
      <path class="head" d={`M${at} ${TOP - 2}l-6 -8h12z`} />
      <text class="strong" x={within(at, 50, width)} y="14" text-anchor="middle">
        this pair {distance.toFixed(3)}
      </text>
    </g>
  );
}

/** The middle of a text that is to be above or below a place, and not over the edge. */
const within = (at: number, half: number, width: number) => Math.min(width - half, Math.max(half, at));

function inWords(distance: number, thresholds: ShownThresholds | null): string {
  const lies = `Scale of distances: this pair lies at ${distance.toFixed(3)}`;
  if (thresholds === null) return `${lies}.`;
  const [accept, reject] = [thresholds.acceptUpTo.toFixed(3), thresholds.rejectAbove.toFixed(3)];
  return accept === reject
    ? `${lies}; the threshold is ${accept}.`
    : `${lies}; accepted up to ${accept}, rejected above ${reject}.`;
}
