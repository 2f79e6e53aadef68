/** Where a distance lies: above the line the genuine pairs of the calibration, below it the skilled forgeries. */
import { linearScale } from '../parts/axis.js';
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

function Drawing({
  pairs,
  distance,
  acceptUpTo,
  rejectAbove,
}: Omit<Measured, 'modelId'> & { readonly pairs: PairsWithin }) {
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
      <svg
        class="drawing scale"
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={inWords(distance, acceptUpTo, rejectAbove)}
      >
        {rejectAbove > acceptUpTo && (
          <rect
            class="between"
            x={x(acceptUpTo)}
            y={TOP}
            width={x(rejectAbove) - x(acceptUpTo)}
            height={BOTTOM - TOP}
          />
        )}
        <path class="band genuine" d={area('genuine', 1)} />
        <path class="band forged" d={area('skilled', -1)} />
        <path class="rule" d={`M4 ${MIDDLE}H${width - 4}`} />
        <text class="kind" x={width - 4} y={TOP + 12} text-anchor="end">
          genuine pairs
        </text>
        <text class="kind" x={width - 4} y={BOTTOM - 6} text-anchor="end">
          skilled forgeries
        </text>
        <Threshold
          at={x(acceptUpTo)}
          width={width}
          text={rejectAbove > acceptUpTo ? 'accept up to' : 'threshold'}
          value={acceptUpTo}
        />
        {rejectAbove > acceptUpTo && <path class="threshold" d={`M${x(rejectAbove)} ${TOP}V${BOTTOM}`} />}
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

function Threshold(props: {
  readonly at: number;
  readonly width: number;
  readonly text: string;
  readonly value: number;
}) {
  const { at, width, text, value } = props;
  return (
    <>
      <path class="threshold" d={`M${at} ${TOP}V${BOTTOM + 4}`} />
      <text class="strong" x={within(at, 62, width)} y={BOTTOM + 16} text-anchor="middle">
        {text} {value.toFixed(3)}
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

function inWords(distance: number, acceptUpTo: number, rejectAbove: number): string {
  const cut =
    rejectAbove > acceptUpTo
      ? `accepted up to ${acceptUpTo.toFixed(3)}, rejected above ${rejectAbove.toFixed(3)}`
      : `the threshold is ${acceptUpTo.toFixed(3)}`;
  return `Scale of distances: this pair lies at ${distance.toFixed(3)}, ${cut}.`;
}
