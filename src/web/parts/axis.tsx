/** A straight scale of a drawing. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** @param count - about how many ticks */
export function linearScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  count = 6,
): Scale {
  const at = (value: number) => from + ((value - low) / (high - low)) * (to - from);
  const step = roundStep((high - low) / count);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high + 1e-9; i++) ticks.push(i * step);
  return Object.assign(at, { ticks });
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least * 0.999) ?? 10) * power;
}

/** The axis below a drawing, with its name. */
export function BottomAxis({
  scale,
  y,
  name,
  format = String,
  end,
}: {
  readonly scale: Scale;
  readonly y: number;
  readonly name: string;
  readonly format?: (value: number) => string;
  /** Where the name ends. */
  readonly end: number;
}) {
  return (
    <g class="axis">
      {scale.ticks.map((tick) => (
        <g key={tick} transform={`translate(${scale(tick)} ${y})`}>
          <path d="M0 0v5" />
          <text y="18" text-anchor="middle">
            {format(Number(tick.toFixed(6)))}
          </text>
        </g>
      ))}
      <text class="name" x={end} y={y + 34} text-anchor="end">
        {name}
      </text>
    </g>
  );
}
