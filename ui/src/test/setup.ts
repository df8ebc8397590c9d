import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

configure({ asyncUtilTimeout: 30_000, getElementError: (message) => new Error(message ?? 'Nothing was found.') });
afterEach(cleanup);

HTMLCanvasElement.prototype.getContext = (() => null) as never;

// jsdom draws nothing and so lacks these; the screens only need them to exist.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Element.prototype.scrollIntoView ??= () => undefined;
if (typeof CSS === 'undefined' || !CSS.escape) {
  Object.assign(globalThis, { CSS: { ...globalThis.CSS, escape: (value: string) => value.replace(/["\\]/gu, '\\$&') } });
}
