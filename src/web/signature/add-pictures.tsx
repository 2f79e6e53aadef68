/** All ways that a signature comes onto the page: dropped, chosen, pasted, photographed, drawn. */

import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { lazy } from '../parts/lazy.js';
import { ACCEPTED, imagesIn, type Picture, pictureOf } from './picture.js';

const DrawDialog = lazy(async () => (await import('./draw-dialog.js')).DrawDialog);
const CameraDialog = lazy(async () => (await import('./camera-dialog.js')).CameraDialog);

export interface AddPicturesProps {
  /** Above the panel; without it the buttons stand alone. */
  readonly title?: string | undefined;
  /** What they are: `references`, `the questioned signature`. */
  readonly what: string;
  /** Said where nothing lies on the panel yet. */
  readonly hint?: string | undefined;
  readonly several: boolean;
  readonly onAdd: (pictures: readonly Picture[]) => void;
  /** What lies on the panel already. */
  readonly children?: ComponentChildren;
}

/** A panel to drop pictures on, with buttons for the other ways. */
export function AddPictures({ title, what, hint, several, onAdd, children }: AddPicturesProps) {
  const id = useId();
  const files = useRef<HTMLInputElement>(null);
  const photo = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [open, setOpen] = useState<'draw' | 'camera'>();
  const [said, setSaid] = useState('');

  const add = (images: readonly File[], others: readonly string[] = []) => {
    setSaid(others.length === 0 ? '' : `Not an image: ${others.join(', ')}.`);
    const taken = several ? images : images.slice(0, 1);
    if (taken.length > 0) onAdd(taken.map((file) => pictureOf(file, file.name)));
  };
  const chosen = (event: { readonly currentTarget: HTMLInputElement }) => {
    add([...(event.currentTarget.files ?? [])]);
    event.currentTarget.value = '';
  };
  const paste = async () => {
    const images = await clipboardImages().catch(() => undefined);
    if (images === undefined) setSaid('This browser keeps the clipboard to itself: press Ctrl+V (or Cmd+V) here.');
    else if (images.length === 0) setSaid('There is no picture in the clipboard.');
    else add(images);
  };
  const photograph = () => {
    if (matchMedia('(pointer: coarse)').matches) photo.current!.click();
    else setOpen('camera');
  };

  return (
    <fieldset
      class={`add-pictures${over ? ' over' : ''}`}
      aria-label={`Add ${what}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const { images, others } = imagesIn(event.dataTransfer);
        add(images, others);
      }}
      onPaste={(event) => {
        const { images, others } = imagesIn(event.clipboardData);
        if (images.length + others.length === 0) return;
        event.preventDefault();
        event.stopPropagation();
        add(images, others);
      }}
    >
      <div class="row apart">
        {title && <h2>{title}</h2>}
        <div class="row ways">
          <Button icon="file" onPress={() => files.current!.click()}>
            {several ? 'Files' : 'File'}
          </Button>
          <Button icon="pen" onPress={() => setOpen('draw')}>
            Draw
          </Button>
          <Button icon="camera" onPress={photograph} iconOnly>
            Photograph
          </Button>
          <Button icon="paste" onPress={paste} iconOnly>
            Paste
          </Button>
        </div>
      </div>
      {children || (
        <label class="invitation" for={id}>
          <span>{hint}</span>
          <span>
            Drop {several ? 'files' : 'a file'} here, or choose, draw, photograph or paste {several ? 'them' : 'it'}.
          </span>
        </label>
      )}
      <p role="status" class="small said">
        {said}
      </p>
      <input
        id={id}
        ref={files}
        type="file"
        hidden
        accept={ACCEPTED}
        multiple={several}
        onChange={chosen}
        aria-label={`Files of ${what}`}
      />
      <input
        ref={photo}
        type="file"
        hidden
        accept="image/*"
        capture="environment"
        onChange={chosen}
        aria-label={`Photo of ${what}`}
      />
      {open === 'draw' && (
        <DrawDialog
          several={several}
          onDrawn={(picture) => onAdd([pictureOf(picture, 'drawn')])}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open === 'camera' && (
        <CameraDialog onTaken={(picture) => onAdd([pictureOf(picture, 'photo')])} onClose={() => setOpen(undefined)} />
      )}
    </fieldset>
  );
}

/** @throws where the browser does not let the page look */
async function clipboardImages(): Promise<File[]> {
  const items = await navigator.clipboard.read();
  const found: File[] = [];
  for (const item of items) {
    const type = item.types.find((name) => name.startsWith('image/'));
    if (type !== undefined) found.push(new File([await item.getType(type)], 'pasted', { type }));
  }
  return found;
}
