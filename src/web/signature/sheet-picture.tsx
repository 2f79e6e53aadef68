/** A picture of a signature on its sheet of paper, or the place where it will be. */
export function SheetPicture({
  url,
  label,
  failed = false,
}: {
  readonly url: string | undefined;
  readonly label: string;
  readonly failed?: boolean;
}) {
  if (failed) return <div class="sheet-picture none small">The picture could not be loaded</div>;
  if (url === undefined) return <div class="sheet-picture skeleton" aria-hidden="true" />;
  return <img class="sheet-picture" src={url} alt={label} />;
}
