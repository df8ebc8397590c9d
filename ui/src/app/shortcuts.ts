/** Turns key presses anywhere in the window into acts of the registry. */

import { useEffect } from 'react';
import type { ActionRegistry } from './actions';
import { pressName, Sequences } from './keys';

const typing = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]';
const pressable = 'a, button, summary, [role=button], [role=option], [role=menuitem]';

/** Whether a press belongs to the element it happened in rather than to the screen. */
export function belongsToTarget(target: EventTarget | null, name: string): boolean {
  if (!(target instanceof Element) || name.startsWith('mod+')) return false;
  if (target.closest(typing) || target.closest('[role=dialog], [role=menu], [role=listbox]')) return true;
  return (name === 'enter' || name === ' ') && target.closest(pressable) !== null;
}

/** `singleKeys` off leaves the combinations with Ctrl or Cmd only, for people who dictate. */
export function useShortcuts(registry: ActionRegistry, singleKeys: boolean): void {
  useEffect(() => {
    const sequences = new Sequences();
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const name = pressName(event);
      if (name === null || belongsToTarget(event.target, name)) return;
      if (!singleKeys && !name.startsWith('mod+')) return;
      const found = sequences.press(name, registry.sequences(), event.timeStamp);
      if (found === null || found === 'pending') return;
      event.preventDefault();
      registry.withKeys(found)?.run();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [registry, singleKeys]);
}
