import { useEffect, useState } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { troubleOf } from '../state/trouble.js';
import { type Cleaner, useCleaned } from './cleaned.js';
import type { Picture } from './picture.js';

/** A picture, first as it came and then as the network sees it, or why the network sees nothing. */
export function Thumbnail({
  picture,
  cleaner,
  label,
  onRemove,
}: {
  readonly picture: Picture;
  readonly cleaner: Cleaner | undefined;
  readonly label: string;
  readonly onRemove: () => void;
}) {
  const cleaned = useCleaned(picture, cleaner);
  const url = useBlobUrl(cleaned.value);
  const trouble = cleaned.error === undefined ? undefined : troubleOf(cleaned.error);
  return (
    <figure class={`thumbnail${trouble ? ' wrong' : ''}`}>
      <img src={url ?? picture.url} alt={`${label}${url ? ', cleaned' : ''}: ${picture.name}`} />
      <figcaption>
        <span class="name" title={picture.name}>
          {picture.name}
        </span>
        <Button kind="plain" icon="cross" iconOnly onPress={onRemove}>
          {`Remove ${label.toLowerCase()}`}
        </Button>
      </figcaption>
      {trouble && (
        <p class="small trouble" role="alert">
          {trouble.message} {trouble.hint}
        </p>
      )}
    </figure>
  );
}

/** An address for as long as the component shows it. */
export function useBlobUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (blob === undefined) return setUrl(undefined);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
