import { keyNames } from '../app/keys';

/** Renders a key sequence of the action registry, such as `g l` or `mod+k`, as key caps. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="kbd-group" aria-hidden="true">
      {keyNames(keys).map((name) => (
        <kbd key={name}>{name}</kbd>
      ))}
    </span>
  );
}
