import type { Reason } from '../api/wire';

/** Every reason with what would resolve it. Draws nothing when there is none. */
export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul className="reasons">
      {reasons.map((reason) => (
        <li key={`${reason.code}:${reason.sentence}`} className="selectable">
          {reason.sentence} <span className="muted">{reason.next_step}</span>
        </li>
      ))}
    </ul>
  );
}
