/** How far something is. @param share - 0 .. 1 */
export function Progress({ label, share }: { readonly label: string; readonly share: number }) {
  const percent = Math.round(100 * Math.min(1, Math.max(0, share)));
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ transform: `scaleX(${percent / 100})` }} />
    </div>
  );
}

/** Holds the place of what is still on its way, as high as that will be. */
export function Skeleton({ height }: { readonly height: string }) {
  return <div class="skeleton" style={{ height }} aria-hidden="true" />;
}

export function Waiting({ what, height = '12rem' }: { readonly what: string; readonly height?: string }) {
  return (
    <div role="status">
      <span class="visually-hidden">{what}</span>
      <Skeleton height={height} />
    </div>
  );
}
