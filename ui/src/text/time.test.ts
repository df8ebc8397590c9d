import { describe, expect, it } from 'vitest';
import { duration, exact, relative } from './time';

const now = Date.parse('2026-11-21T12:00:00Z');
const before = (ms: number) => new Date(now - ms).toISOString();

describe('ages', () => {
  it.each([
    [10_000, 'just now'],
    [4 * 60_000, '4 min ago'],
    [26 * 3_600_000, '26 h ago'],
    [9 * 86_400_000, '9 days ago'],
    [-3 * 3_600_000, 'in 3 h'],
  ])('%i ms', (ms, words) => expect(relative(before(ms), now)).toBe(words));
  it('give way to the date after a month', () => expect(relative(before(40 * 86_400_000), now)).toMatch(/2026/u));
  it('can be bare', () => expect(relative(before(62 * 60_000), now, true)).toBe('62 min'));
  it('leave what is no time as it is', () => expect(relative('soon', now)).toBe('soon'));
  it('name the UTC instant', () => expect(exact('2026-11-21T12:00:00Z')).toContain('2026-11-21T12:00:00.000Z UTC'));
  it('never run negative', () => expect(duration(-5)).toBe('0 s'));
});
