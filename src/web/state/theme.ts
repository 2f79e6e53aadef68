/** Light or dark: as the system prefers, until a person chooses on the page. */
import { effect, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const KEY = 'countersign.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const kept = localStorage.getItem(KEY);

export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : preferred());

function preferred(): Theme {
  return dark.matches ? 'dark' : 'light';
}

export function startTheme(): void {
  dark.addEventListener('change', () => {
    if (localStorage.getItem(KEY) === null) theme.value = preferred();
  });
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark';
  localStorage.setItem(KEY, theme.value);
}
