/**
 * Key sequences: how a registry entry such as `g l`, `mod+k` or `?` is written on a key cap, and how the keys a
 * person presses are matched against it. Knows nothing of actions or the DOM.
 */

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** How long the second key of a sequence may take, in milliseconds. */
export const sequenceTime = 1_200;

const mac = typeof navigator !== 'undefined' && /Mac/u.test(navigator.platform);

const caps: Record<string, string> = {
  mod: mac ? '⌘' : 'Ctrl',
  shift: '⇧',
  enter: '↵',
  escape: 'Esc',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
};

/** The key caps of a sequence, in the order in which they are pressed. */
export function keyNames(keys: string): string[] {
  return keys.split(' ').map((press) =>
    press
      .split('+')
      .map((part) => caps[part] ?? part.toUpperCase())
      .join(mac ? '' : '+'),
  );
}

/** A press in the notation of the registry, or null for a modifier alone. */
export function pressName(press: Press): string | null {
  if (['Control', 'Meta', 'Shift', 'Alt', 'AltGraph'].includes(press.key)) return null;
  const key = press.key.toLowerCase().replace(/^arrow/u, '');
  const mod = press.ctrlKey || press.metaKey;
  // Shift is part of the character for printable keys ("?"), and a modifier only beside mod.
  return `${mod ? 'mod+' : ''}${mod && press.shiftKey ? 'shift+' : ''}${press.altKey ? 'alt+' : ''}${key}`;
}

/** Collects presses until they match a sequence, or can't any more. */
export class Sequences {
  #typed: string[] = [];
  #last = 0;

  /** The matching sequence among the candidates, `'pending'` in the middle of one, or null. */
  press(name: string, candidates: readonly string[], at: number): string | 'pending' | null {
    if (at - this.#last > sequenceTime) this.#typed = [];
    this.#last = at;
    const typed = [...this.#typed, name].join(' ');
    const found = this.#try(typed, candidates) ?? (this.#typed.length > 0 ? this.#try(name, candidates) : null);
    this.#typed = found === 'pending' ? [...this.#typed, name] : [];
    return found;
  }

  #try(typed: string, candidates: readonly string[]): string | 'pending' | null {
    if (candidates.includes(typed)) return typed;
    return candidates.some((candidate) => candidate.startsWith(`${typed} `)) ? 'pending' : null;
  }
}
