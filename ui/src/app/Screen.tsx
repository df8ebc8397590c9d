import { Search } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Kbd } from '../components/Kbd';
import { text } from '../text';
import { useDesk } from './desk';

let drawn = false;

/** A screen: its bar with the heading, and what lies under it. */
export function Screen({ title, tools, children }: { title: string; tools?: ReactNode; children: ReactNode }) {
  const desk = useDesk();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = text.app.title(title);
  }, [title]);
  useEffect(() => {
    // A new screen is announced by its heading; at start the focus stays where the window put it.
    if (drawn) heading.current?.focus({ preventScroll: true });
    drawn = true;
  }, []);
  return (
    <main className="screen" id="screen" tabIndex={-1}>
      <header className="top">
        <h1 ref={heading} tabIndex={-1} title={title}>
          {title}
        </h1>
        {tools}
        <button type="button" className="search-button" onClick={desk.openPalette}>
          <Search aria-hidden="true" />
          <span className="ellipsis">{text.act.find}</span>
          <Kbd keys="mod+k" />
        </button>
      </header>
      {children}
    </main>
  );
}
