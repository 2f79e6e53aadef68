/** Whether the service answers. While it does not, questions wait here, and nothing that was entered is lost. */
import { signal } from '@preact/signals';

/** `lost`: no answer came; it is tried again by itself. */
export const connection = signal<'there' | 'lost'>('there');
/** Seconds until the next try, while it is lost. */
export const nextTryInS = signal(0);

const FIRST_WAIT_S = 1;
const LONGEST_WAIT_S = 15;

let coming: Promise<void> | undefined;
let tryNow: () => void = () => undefined;

/** Until the service answers again. */
export function untilBack(): Promise<void> {
  coming ??= comeBack().finally(() => {
    coming = undefined;
  });
  return coming;
}

export function tryAtOnce(): void {
  tryNow();
}

async function comeBack(): Promise<void> {
  connection.value = 'lost';
  for (let waitS = FIRST_WAIT_S; ; waitS = Math.min(2 * waitS, LONGEST_WAIT_S)) {
    await countDown(waitS);
    if (await answers()) break;
  }
  connection.value = 'there';
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch('./health', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

function countDown(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    let left = seconds;
    nextTryInS.value = left;
    const timer = setInterval(() => {
      left -= 1;
      nextTryInS.value = Math.max(0, left);
      if (left <= 0) done();
    }, 1000);
    const done = () => {
      clearInterval(timer);
      resolve();
    };
    tryNow = done;
  });
}
