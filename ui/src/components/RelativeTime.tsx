import { useSyncExternalStore } from 'react';
import { exact, relative, tickAfter } from '../text/time';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let now = Date.now();

// One clock for every age on the screen: it ticks as often as the youngest needs.
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) now = Date.now();
  listeners.add(listener);
  schedule();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== undefined) {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}

function schedule(): void {
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    now = Date.now();
    for (const listener of listeners) listener();
    if (listeners.size > 0) schedule();
  }, tickAfter);
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** How long ago (or until) an instant is; the title holds the local time and the UTC instant. */
export function RelativeTime({ at, bare = false }: { at: string; bare?: boolean }) {
  const current = useNow();
  return (
    <time className="time" dateTime={at} title={exact(at)}>
      {relative(at, current, bare)}
    </time>
  );
}
