/** After a change of place the heading of the view has the focus, as after a page that was loaded. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Set by a change of place, until a heading has taken the focus: views whose script comes later have theirs later. */
let awaited = false;

export function awaitHeading(): void {
  awaited = true;
}

export function ViewHeading({ children }: { readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (!awaited) return;
    awaited = false;
    heading.current!.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
