import { SheetPicture } from '../signature/sheet-picture.js';
import { useBlobUrl } from '../signature/thumbnail.js';
import { ask } from '../state/service.js';
import { serviceCleaner } from '../state/service-cleaner.js';
import { may } from '../state/session.js';
import { useAnswer } from '../state/use-answer.js';

/** The file of a reference, cleaned where a browser cannot show it. Each look at one is on record. */
export function ReferenceImage({
  writer,
  reference,
  label,
}: {
  readonly writer: string;
  readonly reference: string;
  readonly label: string;
}) {
  const allowed = may(['enrol', 'review']);
  const answer = useAnswer(
    (signal) => (allowed ? referenceFile(writer, reference, signal) : Promise.resolve(undefined)),
    `${writer} ${reference} ${allowed}`,
  );
  const url = useBlobUrl(answer.value);
  if (!allowed) return <div class="sheet-picture none small">Not for this key</div>;
  return <SheetPicture url={url} label={label} failed={answer.error !== undefined} />;
}

export async function referenceFile(writer: string, reference: string, signal: AbortSignal): Promise<Blob> {
  const params = { writer, reference };
  return shown(await ask((service) => service.referenceImage({ params }), signal), signal);
}

/** As a browser can show it. */
export function shown(file: Blob, signal: AbortSignal): Promise<Blob> | Blob {
  return /tiff/.test(file.type) ? serviceCleaner.clean(file, signal) : file;
}
