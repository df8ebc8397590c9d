import { describe, expect, it } from 'vitest';
import { visible, visibleLines } from './logText';

describe('foreign output', () => {
  it('shows control characters', () => expect(visible('a\u001b[31mred\u0007')).toBe('a␛[31mred␇'));
  it('shows characters that reorder or hide text', () => {
    expect(visible('safe\u202Egnp.exe')).toBe('safe⟨U+202E⟩gnp.exe');
    expect(visible('a\u200bb\ufeff')).toBe('a⟨U+200B⟩b⟨U+FEFF⟩');
  });
  it('keeps tabs, letters of every script and symbols', () => expect(visible('\tübung 日本 ✓ עברית')).toBe('\tübung 日本 ✓ עברית'));
  it('shows a lone carriage return, which could overwrite a line', () => expect(visibleLines('good\rbad\r\nnext\n')).toEqual(['good␍bad', 'next']));
  it('shows C1 controls', () => expect(visible('\u009b1m')).toBe('⟨U+009B⟩1m'));
  it('has no lines when there is no output', () => expect(visibleLines('')).toEqual([]));
});
