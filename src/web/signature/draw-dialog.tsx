import { useEffect, useRef, useState } from 'preact/hooks';
import SignaturePad from 'signature_pad';
import { Button } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';

/** Pixels of the picture for each of the screen: strokes then are as wide as those of a scan. */
const SCALE = 2;

/** A sheet to sign on, with pen, finger or mouse. @param several - whether it stays open for one signature more */
export function DrawDialog({
  several,
  onDrawn,
  onClose,
}: {
  readonly several: boolean;
  readonly onDrawn: (picture: Blob) => void;
  readonly onClose: () => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pad = useRef<SignaturePad>(undefined);
  const [strokes, setStrokes] = useState(0);
  const [taken, setTaken] = useState(0);

  useEffect(() => {
    const sheet = canvas.current!;
    const { width, height } = sheet.getBoundingClientRect();
    sheet.width = Math.round(width * SCALE);
    sheet.height = Math.round(height * SCALE);
    sheet.getContext('2d')!.scale(SCALE, SCALE);
    const made = new SignaturePad(sheet, {
      backgroundColor: '#ffffff',
      penColor: '#101828',
      minWidth: 1,
      maxWidth: 2.6,
    });
    made.addEventListener('endStroke', () => setStrokes(made.toData().length));
    pad.current = made;
    return () => made.off();
  }, []);

  const redraw = (keep: number) => {
    const data = pad.current!.toData().slice(0, keep);
    pad.current!.fromData(data);
    setStrokes(data.length);
  };
  const take = (goOn: boolean) =>
    canvas.current!.toBlob((picture) => {
      if (picture === null) return;
      onDrawn(picture);
      if (!goOn) return onClose();
      redraw(0);
      setTaken((number) => number + 1);
    }, 'image/png');

  return (
    <Dialog title={several ? 'Draw a reference' : 'Draw the questioned signature'} onClose={onClose}>
      <p class="soft small">
        Sign on the sheet, with a pen, a finger or the mouse. Files do as well: the sheet is for trying it out.
      </p>
      <canvas ref={canvas} class="sheet" aria-label="Sheet to sign on" role="img" />
      <div class="row apart">
        <div class="row">
          <Button disabled={strokes === 0} icon="back" onPress={() => redraw(strokes - 1)}>
            Undo stroke
          </Button>
          <Button disabled={strokes === 0} icon="bin" onPress={() => redraw(0)}>
            Clear
          </Button>
        </div>
        <span role="status" class="soft small">
          {taken > 0 ? `${taken} taken` : ''}
        </span>
      </div>
      <div class="actions">
        <Button onPress={onClose}>{taken > 0 ? 'Done' : 'Cancel'}</Button>
        {several && (
          <Button disabled={strokes === 0} onPress={() => take(true)}>
            Use, and draw another
          </Button>
        )}
        <Button kind="primary" disabled={strokes === 0} onPress={() => take(false)}>
          Use it
        </Button>
      </div>
    </Dialog>
  );
}
