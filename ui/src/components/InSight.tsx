import type { ReactNode } from 'react';

/** What an act brought, scrolled into sight when it appears: below a long form nobody would see it. */
export function InSight({ children }: { children: ReactNode }) {
  return (
    <div className="stack" ref={show}>
      {children}
    </div>
  );
}

function show(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}
