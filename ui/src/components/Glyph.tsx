/** The closed set of status shapes, drawn in a 12 × 12 box; the track diagram and the pills share them. */
export type Shape =
  | 'progress'
  | 'check'
  | 'diamond'
  | 'square'
  | 'cross'
  | 'circle'
  | 'dot'
  | 'clock'
  | 'arrow'
  | 'bars'
  | 'slash'
  | 'question';

/** The bare shape, for use inside another SVG. It takes its colour from `currentColor`. */
export function GlyphShape({ shape }: { shape: Shape }) {
  switch (shape) {
    case 'progress':
      return (
        <circle
          className="glyph-progress"
          cx="6"
          cy="6"
          r="4"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeDasharray="17 8.2"
          strokeLinecap="round"
        />
      );
    case 'check':
      return (
        <path
          d="M2 6.4 4.8 9.2 10 3.2"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.9"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      );
    case 'diamond':
      return <path d="M6 1 11 6 6 11 1 6Z" fill="currentColor" />;
    case 'square':
      return <rect x="1.8" y="1.8" width="8.4" height="8.4" rx="0.8" fill="currentColor" />;
    case 'cross':
      return (
        <path d="M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      );
    case 'circle':
      return <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />;
    case 'dot':
      return <circle cx="6" cy="6" r="4.2" fill="currentColor" />;
    case 'clock':
      return (
        <g fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round">
          <circle cx="6" cy="6" r="4.6" />
          <path d="M6 3.4V6l1.9 1.3" />
        </g>
      );
    case 'arrow':
      return (
        <path
          d="M1.5 6h8.2M6.6 2.8 9.9 6 6.6 9.2"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      );
    case 'bars':
      return <path d="M3 2h2.2v8H3zM6.8 2H9v8H6.8z" fill="currentColor" />;
    case 'slash':
      return (
        <g fill="none" stroke="currentColor" strokeWidth="1.5">
          <circle cx="6" cy="6" r="4.4" />
          <path d="M3 9 9 3" />
        </g>
      );
    case 'question':
      return (
        <g fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round">
          <path d="M3.9 4.2a2.1 2.1 0 1 1 3 1.9c-.6.3-.9.7-.9 1.3" />
          <path d="M6 9.8v.1" />
        </g>
      );
  }
}

export function Glyph({ shape, size = 12 }: { shape: Shape; size?: number }) {
  return (
    <svg className="glyph" viewBox="0 0 12 12" aria-hidden="true" data-size={size}>
      <GlyphShape shape={shape} />
    </svg>
  );
}
