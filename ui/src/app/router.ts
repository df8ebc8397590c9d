/** Where the person is, kept in the location hash: `#/line/harbour/web?stage=qa`. */

import { useSyncExternalStore } from 'react';

export interface Route {
  /** The screen, the first part of the path. */
  screen: string;
  /** The further parts, decoded. */
  parts: readonly string[];
  query: URLSearchParams;
  hash: string;
}

export function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/u, '').split('?', 2);
  const [screen = '', ...parts] = path.split('/').filter(Boolean).map(decode);
  return { screen, parts, query: new URLSearchParams(query), hash };
}

/** Builds a link from path parts and query values; empty ones are left out. */
export function href(parts: readonly (string | undefined | null)[], query: Record<string, string | undefined | null> = {}): string {
  const path = parts.filter(Boolean).map((part) => encodeURIComponent(part as string)).join('/');
  const pairs = Object.entries(query).flatMap(([key, value]) => (value ? [[key, value]] : []));
  const search = new URLSearchParams(pairs).toString();
  return `#/${path}${search ? `?${search}` : ''}`;
}

export function go(to: string, replace = false): void {
  if (to === window.location.hash) return;
  if (replace) {
    window.history.replaceState(null, '', to);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  } else {
    window.location.hash = to;
  }
}

let last: Route = parse('');

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => {
    if (last.hash !== window.location.hash) last = parse(window.location.hash);
    return last;
  });
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
