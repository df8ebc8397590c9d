/** Makes foreign output safe to read: what could hide or reorder text is written out. */

// Bidirectional controls, zero-width characters, the byte-order mark, line and paragraph separators.
const deceptive = /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;

/** One line with every control and direction character in a visible form. */
export function visible(line: string): string {
  return line
    .replace(control, (char) => {
      const code = char.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      return code === 0x7f ? '␡' : named(char);
    })
    .replace(deceptive, named);
}

/** The lines of an output. A carriage return before the line feed is how some systems end a line. */
export function visibleLines(content: string): string[] {
  if (content === '') return [];
  const lines = content.replace(/\r\n/gu, '\n').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(visible);
}

function named(char: string): string {
  return `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
