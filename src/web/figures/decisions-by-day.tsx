import type { AnswerOf } from '../../api/schemas.js';
import { VERDICTS } from '../compare/verdicts.js';
import { linearScale } from '../parts/axis.js';
import { useWidth } from '../parts/use-width.js';

type Day = AnswerOf<'statistics'>['decisions']['byDay'][number];

/** From the bottom of a bar to its top. */
const RESULTS = ['accept', 'review', 'reject', 'inconclusive'] as const;

const HEIGHT = 170;
const BOTTOM = 140;
const LEFT = 40;

/** One bar a day, by result. */
export function DecisionsByDay({ days }: { readonly days: readonly Day[] }) {
  const [element, width] = useWidth<HTMLDivElement>(640);
  const most = Math.max(1, ...days.map(totalOf));
  const y = linearScale([0, most], [BOTTOM, 10], 3);
  const step = (width - LEFT) / days.length;
  const labelled = new Set([0, Math.floor(days.length / 2), days.length - 1]);
  return (
    <div ref={element}>
      <svg class="drawing days" width={width} height={HEIGHT} role="img" aria-label={inWords(days)}>
        {y.ticks
          .filter((tick) => Number.isInteger(tick))
          .map((tick) => (
            <g key={tick}>
              <path class="rule" d={`M${LEFT} ${y(tick)}H${width}`} />
              <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
                {tick}
              </text>
            </g>
          ))}
        {days.map((day, i) => {
          let below = 0;
          return (
            <g key={day.day} transform={`translate(${LEFT + i * step} 0)`}>
              <title>{`${day.day}: ${RESULTS.map((result) => `${day[result]} ${VERDICTS[result].word}`).join(', ')}`}</title>
              {RESULTS.map((result) => {
                const from = below;
                below += day[result];
                const height = y(from) - y(below);
                return (
                  <rect key={result} class={result} x={step * 0.1} y={y(below)} width={step * 0.8} height={height} />
                );
              })}
              {labelled.has(i) && (
                <text
                  x={i === 0 ? 0 : i === days.length - 1 ? step : step / 2}
                  y={BOTTOM + 20}
                  text-anchor={i === 0 ? 'start' : i === days.length - 1 ? 'end' : 'middle'}
                >
                  {day.day}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <p class="legend small" aria-hidden="true">
        {RESULTS.map((result) => (
          <span key={result} class={result}>
            {VERDICTS[result].word}
          </span>
        ))}
      </p>
    </div>
  );
}

const totalOf = (day: Day) => RESULTS.reduce((sum, result) => sum + day[result], 0);

function inWords(days: readonly Day[]): string {
  const totals = RESULTS.map((result) => `${days.reduce((sum, day) => sum + day[result], 0)} ${VERDICTS[result].word}`);
  return `Decisions by day, ${days[0]?.day} to ${days.at(-1)?.day}: ${totals.join(', ')}.`;
}
