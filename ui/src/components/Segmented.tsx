import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Kbd } from './Kbd';

export interface Segment<T extends string> {
  value: T;
  label: ReactNode;
  keys?: string | undefined;
}

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  segments: readonly Segment<T>[];
  onChange: (value: T) => void;
}

/** One choice out of few, as a radio group: arrow keys move and choose. */
export function Segmented<T extends string>({ label, value, segments, onChange }: SegmentedProps<T>) {
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = segments.findIndex((segment) => segment.value === value);
    const index = (at + step + segments.length) % segments.length;
    const next = segments[index];
    if (!next) return;
    onChange(next.value);
    group.current?.querySelectorAll('button')[index]?.focus();
  };
  return (
    <div className="segmented" role="radiogroup" aria-label={label} ref={group} onKeyDown={move}>
      {segments.map((segment) => (
        <button
          key={segment.value}
          type="button"
          role="radio"
          aria-checked={segment.value === value}
          tabIndex={segment.value === value ? 0 : -1}
          onClick={() => onChange(segment.value)}
        >
          {segment.label}
          {segment.keys ? <Kbd keys={segment.keys} /> : null}
        </button>
      ))}
    </div>
  );
}

/** The same choice as tabs: the panel below belongs to the chosen tab and is named by it. */
export function Tabs<T extends string>({ label, value, segments, onChange, children }: SegmentedProps<T> & { children: ReactNode }) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = segments.findIndex((segment) => segment.value === value);
    const index = (at + step + segments.length) % segments.length;
    const next = segments[index];
    if (!next) return;
    onChange(next.value);
    list.current?.querySelectorAll('button')[index]?.focus();
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {segments.map((segment) => (
          <button
            key={segment.value}
            id={`tab-${segment.value}`}
            type="button"
            role="tab"
            aria-selected={segment.value === value}
            aria-controls={`panel-${value}`}
            tabIndex={segment.value === value ? 0 : -1}
            onClick={() => onChange(segment.value)}
          >
            {segment.label}
          </button>
        ))}
      </div>
      <div className="tab-panel" role="tabpanel" id={`panel-${value}`} aria-labelledby={`tab-${value}`}>
        {children}
      </div>
    </>
  );
}
