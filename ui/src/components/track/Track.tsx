import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { text } from '../../text';
import { duration } from '../../text/time';
import { GlyphShape } from '../Glyph';
import { KeyValue, type Fact } from '../KeyValue';
import type { StatusLook } from '../Pill';
import { useNow } from '../RelativeTime';
import { fit, textWidth, wrap } from './fit';
import { layoutTrack, measure, neighbour, type LayoutStage, type Section } from './layout';

export interface Train extends StatusLook {
  label: string;
  /** The state in a word: "undecided". */
  word: string;
  since: string;
}

export type SignalKind = 'clear' | 'caution' | 'stop' | 'hold';

export interface TrackStage extends Omit<LayoutStage, 'waiting'> {
  name: string;
  train: Train | null;
  /** Labels of the builds that queue before the section, first in line first. */
  queue: readonly string[];
  signal: { kind: SignalKind; word: string } | null;
  notes: readonly string[];
  /** What hover and focus tell; the same facts are in the accessible name. */
  facts: readonly Fact[];
  summary: string;
}

interface TrackProps {
  label: string;
  stages: readonly TrackStage[];
  selected: string | null;
  onSelect: (key: string) => void;
  /** What stands in a section without a train; nothing where no train can stand. */
  empty?: string;
}

const signalShape = { clear: 'dot', caution: 'diamond', stop: 'square', hold: 'bars' } as const;
const unit = 16;

/** The line of a service as a track diagram. Arrow keys walk it, Enter or a click selects a section. */
export function Track({ label, stages, selected, onSelect, empty = text.track.clear }: TrackProps) {
  const frame = useRef<HTMLDivElement>(null);
  const available = useWidth(frame);
  const layout = useMemo(
    () => layoutTrack(stages.map((stage) => ({ ...stage, waiting: stage.queue.length })), available),
    [stages, available],
  );
  const [pointed, setPointed] = useState<string | null>(null);
  const [scrolled, setScrolled] = useState(0);
  const at = new Map(layout.sections.map((section) => [section.key, section]));
  const inTabOrder = selected && at.has(selected) ? selected : layout.sections[0]?.key;

  const keyDown = (event: KeyboardEvent<SVGElement>, key: string) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onSelect(key);
      return;
    }
    if (event.key === 'Escape' && pointed) {
      setPointed(null);
      return;
    }
    const direction = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }[event.key] as
      | 'left' | 'right' | 'up' | 'down' | undefined;
    if (!direction) return;
    event.preventDefault();
    const next = neighbour(layout, key, direction);
    if (next) frame.current?.querySelector<SVGElement>(`[data-stage="${CSS.escape(next)}"]`)?.focus();
  };

  const shown = pointed ? stages.find((stage) => stage.key === pointed) : undefined;
  const shownAt = shown ? at.get(shown.key) : undefined;
  return (
    <div className="track" ref={frame}>
      <div className="track-scroll" onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}>
        <div className="track-sheet" style={{ width: rem(layout.width), height: rem(layout.height) }}>
          <svg viewBox={`0 0 ${layout.width} ${layout.height}`} role="group" aria-label={label}>
            <g className="track-rails" aria-hidden="true">
              {layout.rails.map((rail) => (
                <path key={`${rail.from ?? ''}>${rail.to ?? ''}${rail.path}`} d={rail.path} />
              ))}
            </g>
            {layout.besideTop === null ? null : (
              <g className="track-beside" aria-hidden="true">
                <path d={`M0 ${layout.besideTop + 4}H${layout.width}`} />
              </g>
            )}
            {stages.map((stage) => {
              const section = at.get(stage.key);
              return section ? (
                <StageSection
                  key={stage.key}
                  stage={stage}
                  section={section}
                  selected={stage.key === selected}
                  tabbable={stage.key === inTabOrder}
                  empty={empty}
                  onSelect={onSelect}
                  onPoint={setPointed}
                  onKeyDown={keyDown}
                />
              ) : null;
            })}
          </svg>
        </div>
      </div>
      {/* Outside of what scrolls, so that it may hang below the track. */}
      {shown && shownAt && shown.facts.length > 0 ? (
        <div
          className="track-tip"
          aria-hidden="true"
          style={{
            left: `max(0px, min(${rem(shownAt.x)} - ${scrolled}px, 100% - ${rem(276)}))`,
            top: rem(shownAt.y + measure.half + 6),
          }}
        >
          <strong>{shown.name}</strong>
          <KeyValue facts={shown.facts} />
        </div>
      ) : null}
    </div>
  );
}

interface StageSectionProps {
  stage: TrackStage;
  section: Section;
  selected: boolean;
  tabbable: boolean;
  empty: string;
  onSelect: (key: string) => void;
  onPoint: (key: string | null) => void;
  onKeyDown: (event: KeyboardEvent<SVGElement>, key: string) => void;
}

function StageSection({ stage, section, selected, tabbable, empty, onSelect, onPoint, onKeyDown }: StageSectionProps) {
  const now = useNow();
  const { x, y, width } = section;
  const half = stage.onPath ? measure.half : 17;
  const name = wrap(stage.name, width + 6, 12, 2);
  const lines: string[] = [];
  if (stage.train) {
    const age = Math.max(0, now - Date.parse(stage.train.since));
    lines.push(fit(Number.isNaN(age) ? stage.train.word : `${stage.train.word} · ${duration(age)}`, section.reach, 11));
  }
  for (const note of stage.notes) lines.push(...wrap(note, section.reach, 11, 2));
  return (
    <g
      className="section"
      data-selected={selected ? '' : undefined}
      data-path={stage.onPath ? 'on' : 'off'}
      onPointerEnter={() => onPoint(stage.key)}
      onPointerLeave={() => onPoint(null)}
    >
      {/* The accessible name says all of this, and more. */}
      <g aria-hidden="true">
        {stage.onPath ? null : <path className="siding" d={`M${x - 18} ${y}H${x}M${x + width} ${y}h18`} />}
        {name.map((line, index) => (
          <text key={line} className="section-name" x={x + 1} y={y - half - 8 - (name.length - 1 - index) * 14}>
            {line}
          </text>
        ))}
        <rect className="section-box" x={x} y={y - half} width={width} height={2 * half} rx="6" />
        <rect className="section-focus" x={x - 3} y={y - half - 3} width={width + 6} height={2 * half + 6} rx="9" />
        {stage.train ? <TrainMark train={stage.train} x={x + 8} y={y} room={width - 16} /> : (
          <text className="section-clear" x={x + width / 2} y={y + 4} textAnchor="middle">
            {empty}
          </text>
        )}
        {lines.slice(0, 3).map((line, index) => (
          <text key={line} className={index === 0 && stage.train ? 'section-word' : 'section-note'} x={x + 1} y={y + half + 15 + index * 14}>
            {line}
          </text>
        ))}
        <Queue labels={stage.queue} x={x} y={y} />
        {stage.signal ? (
          <g className="signal" data-kind={stage.signal.kind} transform={`translate(${x + width + measure.signal} ${y})`}>
            <path className="signal-mast" d="M0 0V-34" />
            <g transform="translate(-6 -46)">
              <GlyphShape shape={signalShape[stage.signal.kind]} />
            </g>
            {wrap(stage.signal.word, 54, 10, 2).map((line, index, lines) => (
              <text key={line} y={-53 - (lines.length - 1 - index) * 11} textAnchor="middle">
                {line}
              </text>
            ))}
          </g>
        ) : null}
      </g>
      {/* What is pressed lies on top and holds no text of its own: its name says more than the picture. */}
      <rect
        className="section-hit"
        data-stage={stage.key}
        role="button"
        tabIndex={tabbable ? 0 : -1}
        aria-pressed={selected}
        aria-label={stage.summary}
        x={x - 4}
        y={y - half - 24}
        width={width + 8}
        height={2 * half + 28 + lines.length * 14}
        onClick={() => onSelect(stage.key)}
        onKeyDown={(event) => onKeyDown(event, stage.key)}
        onFocus={() => onPoint(stage.key)}
        onBlur={() => onPoint(null)}
      />
    </g>
  );
}

function TrainMark({ train, x, y, room }: { train: Train; x: number; y: number; room: number }) {
  const label = fit(train.label, room - 30, 12);
  const width = Math.min(room, Math.max(64, textWidth(label, 12) + 36));
  return (
    <g className="train" data-tone={train.tone}>
      <rect className="train-body" x={x} y={y - 12} width={width} height="24" rx="12" />
      <g transform={`translate(${x + 8} ${y - 6})`}>
        <GlyphShape shape={train.shape} />
      </g>
      <text x={x + 25} y={y + 4}>
        {label}
      </text>
    </g>
  );
}

function Queue({ labels, x, y }: { labels: readonly string[]; x: number; y: number }) {
  const first = labels[0];
  if (first === undefined) return null;
  const left = x - measure.queue;
  return (
    <g className="queue">
      {labels.length > 1 ? <rect x={left - 4} y={y - 14} width="66" height="20" rx="10" /> : null}
      <rect x={left} y={y - 10} width="66" height="20" rx="10" />
      <text x={left + 33} y={y + 4} textAnchor="middle">
        {fit(first, 56, 10.5)}
      </text>
      <text className="queue-count" x={left + 33} y={y + 24} textAnchor="middle">
        {labels.length > 1 ? text.track.waitingMore(labels.length) : text.track.waiting}
      </text>
    </g>
  );
}

function useWidth(frame: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(900);
  useEffect(() => {
    const element = frame.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(([entry]) => {
      const root = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || unit;
      if (entry) setWidth(Math.floor((entry.contentRect.width / root) * unit));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}

function rem(units: number): string {
  return `${units / unit}rem`;
}
