/** Theme, text scale and habits of the keyboard, applied to the document. */

import { useEffect, useSyncExternalStore } from 'react';
import { useAsk } from '../api/client';
import type { Settings } from '../api/wire';

export const scales = [90, 100, 115, 130, 150, 175, 200] as const;

export function applyAppearance(settings: Pick<Settings, 'theme' | 'text_scale'>): void {
  const root = document.documentElement;
  if (settings.theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = settings.theme;
  const nearest = scales.reduce((best, scale) => (Math.abs(scale - settings.text_scale) < Math.abs(best - settings.text_scale) ? scale : best), 100);
  root.dataset['scale'] = String(nearest);
}

export function useAppearance(): void {
  const settings = useAsk('settings_show', {});
  const { theme, text_scale: scale } = settings.data ?? { theme: 'system' as const, text_scale: 100 };
  useEffect(() => applyAppearance({ theme, text_scale: scale }), [theme, scale]);
}

const singleKeysAt = 'signalbox.single-keys';
const listeners = new Set<() => void>();

/** Whether single keys are shortcuts: a habit of this window's user, so it is kept here and not in the core. */
export function useSingleKeys(): [on: boolean, set: (on: boolean) => void] {
  const on = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => localStorage.getItem(singleKeysAt) !== 'off',
  );
  return [
    on,
    (next) => {
      localStorage.setItem(singleKeysAt, next ? 'on' : 'off');
      for (const listener of listeners) listener();
    },
  ];
}
