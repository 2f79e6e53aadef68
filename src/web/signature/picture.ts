/** A picture of a signature that a person has put on the page. */

export interface Picture {
  /** Distinguishes it on the page. */
  readonly id: number;
  readonly name: string;
  /** The file, as it came. */
  readonly file: Blob;
  /** `blob:` address of the file, until `forget`. */
  readonly url: string;
}

let last = 0;

export function pictureOf(file: Blob, name: string): Picture {
  last += 1;
  return { id: last, name, file, url: URL.createObjectURL(file) };
}

export function forget({ url }: Picture): void {
  URL.revokeObjectURL(url);
}

/** What the service reads; a browser shows all but TIFF itself. */
export const ACCEPTED = 'image/png,image/jpeg,image/webp,image/gif,image/tiff';

/** Images among what was dropped or pasted, and the names of what was none. */
export function imagesIn(transfer: DataTransfer | null): {
  readonly images: readonly File[];
  readonly others: readonly string[];
} {
  const files = [...(transfer?.files ?? [])];
  const isImage = ({ type, name }: File) => type.startsWith('image/') || /\.tiff?$/i.test(name);
  return { images: files.filter(isImage), others: files.filter((file) => !isImage(file)).map(({ name }) => name) };
}
