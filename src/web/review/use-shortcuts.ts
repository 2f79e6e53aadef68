/** Keys that act on their own: only where no text is typed, and only while a person leaves them on. */
import { signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';

const KEY = 'countersign.shortcuts';

export const shortcutsOn = signal(localStorage.getItem(KEY) !== 'off');

export function setShortcuts(on: boolean): void {
  shortcutsOn.value = on;
  localStorage.setItem(KEY, on ? 'on' : 'off');
}

/** @param act - by the key; @returns whether it did something */
export function useShortcuts(act: (key: string) => boolean): void {
  // As soon as the case is there: whoever is quick presses the next key before it is painted.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!shortcutsOn.value || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (act(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [act]);
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['radio', 'checkbox', 'button'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
