import type { ReactNode } from 'react';
import { Glyph } from './Glyph';
import type { StatusLook } from './Pill';

/** A standing fact that concerns the whole screen: a halt, a freeze, an open review. */
export function Notice({ look, title, children }: { look: StatusLook; title: ReactNode; children?: ReactNode }) {
  return (
    <div className="notice" data-tone={look.tone} role="status">
      <div className="notice-head">
        <Glyph shape={look.shape} />
        <span>{title}</span>
      </div>
      {children}
    </div>
  );
}
