/** Requests as no proper client sends them: bytes on a socket. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** All that came until the other end closed, or the time was up. */
  readonly text: string;
  readonly ended: boolean;
  readonly afterMs: number;
}

/**
 * @param pieces - sent one after the other, `everyMs` apart
 * @param mostMs - that an end is waited for
 */
export function sendRaw(
  url: string,
  pieces: readonly (string | Uint8Array)[],
  { everyMs = 0, mostMs = 10_000 }: { readonly everyMs?: number; readonly mostMs?: number } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const end = (ended: boolean) => {
      clearTimeout(giveUp);
      socket.destroy();
      resolve({ text, ended, afterMs: performance.now() - started });
    };
    const giveUp = setTimeout(() => end(false), mostMs);
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', () => end(true)); // the other end was quicker to close than this one to send
    socket.on('close', () => end(true));
    socket.on('connect', async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        if (everyMs > 0) await new Promise((next) => setTimeout(next, everyMs));
      }
    });
  });
}

/** Of the status line. */
export const statusOf = ({ text }: RawAnswer) => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
