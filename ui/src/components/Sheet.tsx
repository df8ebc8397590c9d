import { X } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { useActions } from '../app/actions';
import { text } from '../text';
import { IconButton } from './Button';

interface SheetProps {
  label: string;
  onClose: () => void;
  status?: ReactNode;
  title: ReactNode;
  subtitle?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  /** Moves focus into the sheet when it opens (it was asked for), and back when it closes. */
  takeFocus?: boolean;
}

/** The panel beside the screen: it never hides what is being decided. Escape closes it. */
export function Sheet({ label, onClose, status, title, subtitle, children, footer, takeFocus = false }: SheetProps) {
  const root = useRef<HTMLElement>(null);
  useActions([{ id: 'sheet.close', title: text.keys.closeSheet, group: text.keys.everywhere, keys: 'escape', shortcutOnly: true, run: onClose }]);
  useEffect(() => {
    if (!takeFocus) return;
    const before = document.activeElement;
    root.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [takeFocus]);
  return (
    <aside
      className="sheet"
      aria-label={label}
      ref={root}
      tabIndex={-1}
      onKeyDown={(event) => {
        // Dialogs of this sheet are its children in React only: their Escape is theirs.
        if (event.key !== 'Escape' || event.defaultPrevented || !root.current?.contains(event.target as Node)) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className="sheet-head">
        <div className="row between upper">
          <div className="row wrap">{status}</div>
          <IconButton label={text.act.close} onClick={onClose}>
            <X aria-hidden="true" />
          </IconButton>
        </div>
        <h2>{title}</h2>
        {subtitle ? <div className="sheet-subtitle">{subtitle}</div> : null}
      </header>
      {/* Scrollable by keyboard even when nothing inside can take focus. */}
      <div className="sheet-body" tabIndex={0} role="group" aria-label={label}>
        {children}
      </div>
      {footer ? <footer className="sheet-foot">{footer}</footer> : null}
    </aside>
  );
}

export function SheetSection({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="sheet-section">
      <div className="row between">
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}
