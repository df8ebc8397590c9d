import { describe, expect, it } from 'vitest';
import { fit, textWidth, wrap } from './fit';

describe('fitting text', () => {
  it('leaves what fits alone', () => expect(fit('2.8.0', 100, 12)).toBe('2.8.0'));
  it('shortens what does not, within the width', () => {
    const short = fit('2024.11.3-build.1842', 70, 12);
    expect(short.endsWith('…')).toBe(true);
    expect(textWidth(short, 12)).toBeLessThanOrEqual(70);
  });
  it('breaks between words and shortens the last line', () => {
    expect(wrap('Automated acceptance testing', 110, 12, 2)).toHaveLength(2);
    expect(wrap('one two three four five six seven', 40, 12, 2)[1]).toMatch(/…$/u);
    expect(wrap('', 40, 12, 2)).toEqual([]);
  });
});
