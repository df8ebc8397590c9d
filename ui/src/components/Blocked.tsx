import type { ActState } from '../api/wire';
import { Reasons } from './Reasons';

/** Why an act is not possible now, under what says which act it is. Draws nothing when it is possible. */
export function Blocked({ act, title }: { act: ActState; title?: string }) {
  if (act.allowed) return null;
  return (
    <div className="why">
      {title ? <span className="strong">{title}</span> : null}
      <Reasons reasons={act.reasons} />
    </div>
  );
}
