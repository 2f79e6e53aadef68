/** The frame around every view: where one is, where one can go, who one is, and whether the service is there. */
import { useSignalEffect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import mark from './countersign.svg';
import { Button } from './parts/button.js';
import { Icon } from './parts/icon.js';
import { linkTo, type Route, route } from './routes.js';
import { awaitHeading } from './shell/arrival.js';
import { ConnectionBanner } from './shell/connection-banner.js';
import { KeyDialog } from './shell/key-dialog.js';
import { PLACES, titleOf } from './shell/places.js';
import { View } from './shell/view.js';
import { Who } from './shell/who.js';
import { announcement } from './state/announce.js';
import { may, me } from './state/session.js';
import { theme, toggleTheme } from './state/theme.js';

export function App() {
  const main = useRef<HTMLElement>(null);
  useArrival(main);
  return (
    <>
      <button type="button" class="button skip" onClick={() => main.current?.focus()}>
        To the content
      </button>
      <header class="masthead">
        <a class="brand" href={linkTo({ place: 'compare' })}>
          <img src={mark} alt="" />
          Countersign
        </a>
        <Places current={route.value} />
        <div class="who">
          <Button kind="plain" icon={theme.value === 'dark' ? 'sun' : 'moon'} iconOnly onPress={toggleTheme}>
            {theme.value === 'dark' ? 'Light colours' : 'Dark colours'}
          </Button>
          <Who />
        </div>
      </header>
      <ConnectionBanner />
      <main ref={main} id="content" tabIndex={-1}>
        <View route={route.value} />
      </main>
      <KeyDialog />
      <div class="visually-hidden" role="status">
        {announcement}
      </div>
    </>
  );
}

function Places({ current }: { readonly current: Route }) {
  const shown = PLACES.filter(({ roles }) => roles === undefined || me.value === undefined || may(roles));
  return (
    <nav class="places" aria-label="Places">
      {shown.map(({ place, name, icon, within }) => (
        <a
          key={place}
          href={linkTo({ place })}
          aria-current={current.place === place || within.includes(current.place) ? 'page' : undefined}
        >
          <Icon name={icon} />
          {name}
        </a>
      ))}
    </nav>
  );
}

/** A change of place is announced by the title and the heading, and begins at the top. */
function useArrival(main: { readonly current: HTMLElement | null }) {
  const first = useRef(true);
  useSignalEffect(() => {
    document.title = titleOf(route.value);
  });
  const where = JSON.stringify(route.value);
  useLayoutEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    scrollTo(0, 0);
    const heading = main.current?.querySelector('h1');
    if (heading) heading.focus({ preventScroll: true });
    else awaitHeading();
  }, [where]);
}
