import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');
const pairs = new Map([...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/gu)].map(([, name, light, dark]) => [name, [light, dark]] as const));

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['bg', 'surface', 'raised', 'sunken', 'hover'];
const readable: [string, string[]][] = [
  ['ink', [...grounds, 'accent-soft', 'go-soft', 'wait-soft', 'stop-soft', 'idle-soft']],
  ['ink-2', [...grounds, 'accent-soft', 'wait-soft', 'stop-soft', 'idle-soft', 'go-soft']],
  ['ink-3', grounds],
  ['accent', [...grounds, 'accent-soft']],
  ['go', [...grounds, 'go-soft']],
  ['wait', [...grounds, 'wait-soft']],
  ['stop', [...grounds, 'stop-soft']],
  ['accent-ink', ['accent', 'accent-hover']],
];

describe('tokens', () => {
  for (const [ink, backs] of readable) {
    for (const back of backs) {
      it.each(['light', 'dark'])(`${ink} on ${back} is readable (AA), %s`, (theme) => {
        const at = theme === 'light' ? 0 : 1;
        expect(contrast(pairs.get(ink)?.[at] ?? '', pairs.get(back)?.[at] ?? '')).toBeGreaterThanOrEqual(4.5);
      });
    }
  }
  it.each(['light', 'dark'])('the edge of a field can be seen (3:1), %s', (theme) => {
    const at = theme === 'light' ? 0 : 1;
    expect(contrast(pairs.get('line-3')?.[at] ?? '', pairs.get('raised')?.[at] ?? '')).toBeGreaterThanOrEqual(3);
  });
});
