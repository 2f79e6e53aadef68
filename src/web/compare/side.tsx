import { AddPictures } from '../signature/add-pictures.js';
import type { Picture } from '../signature/picture.js';
import { Thumbnail } from '../signature/thumbnail.js';
import { comparer } from './chosen-comparer.js';

/** One side of a comparison: the pictures that lie there, and the ways to add some. */
export function Side({
  title,
  hint,
  what,
  several,
  pictures,
  onAdd,
  onRemove,
}: {
  readonly title: string;
  readonly hint: string;
  readonly what: string;
  readonly several: boolean;
  readonly pictures: readonly Picture[];
  readonly onAdd: (pictures: readonly Picture[]) => void;
  readonly onRemove: (picture: Picture) => void;
}) {
  return (
    <section class="card side" aria-label={title}>
      <AddPictures title={title} hint={hint} what={what} several={several} onAdd={onAdd}>
        {pictures.length > 0 && (
          <ul class={`plain thumbnails${several ? '' : ' one'}`}>
            {pictures.map((picture, i) => (
              <li key={picture.id}>
                <Thumbnail
                  picture={picture}
                  cleaner={comparer.value}
                  label={several ? `Reference ${i + 1}` : 'Questioned signature'}
                  onRemove={() => onRemove(picture)}
                />
              </li>
            ))}
          </ul>
        )}
      </AddPictures>
    </section>
  );
}
