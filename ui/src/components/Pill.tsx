import type { ReactNode } from 'react';
import { Glyph, type Shape } from './Glyph';

export type Tone = 'accent' | 'go' | 'wait' | 'stop' | 'idle';

export interface StatusLook {
  tone: Tone;
  shape: Shape;
}

/** A word in a tinted capsule; with a shape it is a status, and never tells by colour alone. */
export function Pill({ tone = 'idle', shape, children }: { tone?: Tone; shape?: Shape; children: ReactNode }) {
  return (
    <span className="pill" data-tone={tone}>
      {shape ? <Glyph shape={shape} /> : null}
      <span className="pill-word">{children}</span>
    </span>
  );
}
