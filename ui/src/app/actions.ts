/**
 * The one list of what can be done here and now. It feeds the command palette, the shortcuts and the help sheet;
 * screens add their acts while they are shown. What an act does is the screen's affair.
 */

import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react';

export interface Action {
  id: string;
  title: string;
  group: string;
  /** A sequence such as `g l` or `mod+k`. */
  keys?: string | undefined;
  /** Kept out of the palette: moving a cursor makes no sense from there. */
  shortcutOnly?: boolean;
  /** Further words the palette finds it by. */
  words?: string;
  run: () => void;
}

export class ActionRegistry {
  #layers: { actions: readonly Action[] }[] = [];
  #listeners = new Set<() => void>();
  #all: readonly Action[] = [];

  /** Adds a layer on top; the returned function takes it away again. */
  add(actions: readonly Action[]): () => void {
    const layer = { actions };
    this.#layers.push(layer);
    this.#changed();
    return () => {
      this.#layers = this.#layers.filter((other) => other !== layer);
      this.#changed();
    };
  }

  /** Every act, the newest layer first; an id or a key given twice belongs to the newest layer. */
  all = (): readonly Action[] => this.#all;

  withKeys(keys: string): Action | undefined {
    return this.#all.find((action) => action.keys === keys);
  }

  sequences(): string[] {
    return this.#all.flatMap((action) => (action.keys ? [action.keys] : []));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #changed(): void {
    const ids = new Set<string>();
    const keys = new Set<string>();
    const all: Action[] = [];
    for (const layer of this.#layers.toReversed()) {
      for (const action of layer.actions) {
        if (ids.has(action.id)) continue;
        ids.add(action.id);
        const taken = action.keys !== undefined && keys.has(action.keys);
        if (action.keys) keys.add(action.keys);
        all.push(taken ? { ...action, keys: undefined } : action);
      }
    }
    this.#all = all;
    for (const listener of this.#listeners) listener();
  }
}

export const Actions = createContext<ActionRegistry>(new ActionRegistry());

export function useAllActions(): readonly Action[] {
  const registry = useContext(Actions);
  return useSyncExternalStore(registry.subscribe, registry.all);
}

/** Offers acts while the calling component is shown. Falsy entries are acts that are not possible just now. */
export function useActions(offered: readonly (Action | false | null | undefined)[]): void {
  const registry = useContext(Actions);
  const actions = offered.filter((action): action is Action => Boolean(action));
  const current = useRef(actions);
  useEffect(() => {
    current.current = actions;
  });
  // The registry changes when the list does, not with every render; what runs is always the latest.
  const shape = JSON.stringify(actions.map(({ id, title, group, keys, words, shortcutOnly }) => [id, title, group, keys, words, shortcutOnly]));
  useEffect(
    () =>
      registry.add(
        current.current.map((action) => ({
          ...action,
          run: () => current.current.find((latest) => latest.id === action.id)?.run(),
        })),
      ),
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
    [registry, shape],
  );
}

/** The acts whose title, group or further words hold every typed word, best first. */
export function matching(actions: readonly Action[], typed: string): Action[] {
  const words = typed.toLowerCase().split(/\s+/u).filter(Boolean);
  const ranked = actions.flatMap((action) => {
    if (action.shortcutOnly) return [];
    const title = action.title.toLowerCase();
    const hay = `${title} ${action.group} ${action.words ?? ''}`.toLowerCase();
    if (!words.every((word) => hay.includes(word))) return [];
    const rank = words.length === 0 || title.startsWith(words[0] ?? '') ? 0 : title.includes(words[0] ?? '') ? 1 : 2;
    return [{ action, rank }];
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ action }) => action);
}
