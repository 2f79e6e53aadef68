import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';
import { Notice } from '../parts/notice.js';

/** Photographs what the camera of this device sees. */
export function CameraDialog({
  onTaken,
  onClose,
}: {
  readonly onTaken: (picture: Blob) => void;
  readonly onClose: () => void;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<'starting' | 'on' | 'none'>('starting');

  useEffect(() => {
    let stream: MediaStream | undefined;
    let closed = false;
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    openCamera().then(
      (opened) => {
        stream = opened;
        if (closed) return stop();
        video.current!.srcObject = opened;
      },
      () => setState('none'),
    );
    return () => {
      closed = true;
      stop();
    };
  }, []);

  const take = () => {
    const { videoWidth: width, videoHeight: height } = video.current!;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    canvas.getContext('2d')!.drawImage(video.current!, 0, 0);
    canvas.toBlob(
      (picture) => {
        if (picture === null) return;
        onTaken(picture);
        onClose();
      },
      'image/jpeg',
      0.95,
    );
  };

  return (
    <Dialog title="Photograph a signature" onClose={onClose}>
      {state === 'none' ? (
        <Notice tone="warning">
          <p>No camera can be used here: there is none, or this page may not use it. Choose a file instead.</p>
        </Notice>
      ) : (
        <>
          <p class="soft small">Fill the picture with the signature, in even light, straight from above.</p>
          <video
            ref={video}
            class="camera"
            autoPlay
            muted
            playsInline
            aria-label="What the camera sees"
            onLoadedData={() => setState('on')}
          />
        </>
      )}
      <div class="actions">
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="primary" icon="camera" disabled={state !== 'on'} onPress={take}>
          Take it
        </Button>
      </div>
    </Dialog>
  );
}

/** The one at the back of a phone, where there is a choice. @throws where there is none, or it may not be used */
async function openCamera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1920 } } });
}
