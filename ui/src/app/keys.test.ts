import { describe, expect, it } from 'vitest';
import { pressName, sequenceTime, Sequences } from './keys';

const press = (key: string, more = {}) => pressName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

describe('the name of a press', () => {
  it('treats Ctrl and Cmd alike', () => {
    expect(press('k', { ctrlKey: true })).toBe('mod+k');
    expect(press('K', { metaKey: true })).toBe('mod+k');
  });
  it('leaves shift in the character', () => expect(press('?', { shiftKey: true })).toBe('?'));
  it('ignores a modifier alone', () => expect(press('Shift', { shiftKey: true })).toBeNull());
});

describe('sequences', () => {
  const known = ['g l', 'g i', 'a', 'mod+k'];
  it('waits for the second key', () => {
    const keys = new Sequences();
    expect(keys.press('g', known, 0)).toBe('pending');
    expect(keys.press('l', known, 100)).toBe('g l');
  });
  it('forgets the first key after a while', () => {
    const keys = new Sequences();
    keys.press('g', known, 0);
    expect(keys.press('l', known, sequenceTime + 1)).toBeNull();
  });
  it('takes a key that continues nothing for itself', () => {
    const keys = new Sequences();
    keys.press('g', known, 0);
    expect(keys.press('a', known, 10)).toBe('a');
    expect(keys.press('g', known, 20)).toBe('pending');
  });
});
