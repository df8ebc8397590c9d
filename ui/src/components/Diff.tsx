import { text } from '../text';

export interface Change {
  what: string;
  before: string | null;
  after: string | null;
}

/** Changed facts, one a line: what, from, to. Added and removed values are said in words, too. */
export function Diff({ changes }: { changes: readonly Change[] }) {
  return (
    <ul className="diff">
      {changes.map((change) => (
        <li key={`${change.what}:${change.before ?? ''}:${change.after ?? ''}`}>
          <span className="muted">{change.what}</span>
          <span className="diff-values">
            <del className="mono">{change.before ?? text.state.nothing}</del>
            <span aria-hidden="true">→</span>
            <span className="hidden-visually">{text.state.becomes}</span>
            <ins className="mono">{change.after ?? text.state.nothing}</ins>
          </span>
        </li>
      ))}
    </ul>
  );
}
