/** Initials of a name: first letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = words[0] ? [...words[0]][0] : undefined;
  const last = words.length > 1 ? [...(words.at(-1) ?? '')][0] : undefined;
  return `${first ?? '?'}${last ?? ''}`.toUpperCase();
}

export function Avatar({ name }: { name: string }) {
  return (
    <span className="avatar" aria-hidden="true">
      {initials(name)}
    </span>
  );
}

export function Person({ name, note }: { name: string; note?: string | undefined }) {
  return (
    <span className="person">
      <Avatar name={name} />
      <span className="ellipsis">{name}</span>
      {note ? <span className="faint ellipsis">{note}</span> : null}
    </span>
  );
}
