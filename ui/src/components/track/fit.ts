/** Fits text into the diagram without asking the browser to measure: SVG has no line breaks and no ellipsis. */

const narrow = /[iljtfrI.,:;'|!()[\] ·-]/u;
const broad = /[mwMW@%…—]/u;
const upper = /[A-Z0-9]/u;

/** An estimate that errs on the wide side, in the unit of `size`. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const char of text) {
    if (narrow.test(char)) ems += 0.36;
    else if (broad.test(char)) ems += 0.92;
    else if (upper.test(char)) ems += 0.68;
    else ems += (char.codePointAt(0) ?? 0) > 0x2e80 ? 1.05 : 0.59;
  }
  return ems * size;
}

/** The text, or its beginning and an ellipsis. */
export function fit(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const chars = [...text];
  while (chars.length > 1 && textWidth(`${chars.join('')}…`, size) > width) chars.pop();
  return `${chars.join('').trimEnd()}…`;
}

/** At most `most` lines, broken between words; the last one ends in an ellipsis when text is left. */
export function wrap(text: string, width: number, size: number, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (!line || textWidth(longer, size) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line) lines.push(line);
  const kept = lines.slice(0, most);
  if (lines.length > most && kept.length > 0) kept[most - 1] = `${kept[most - 1]} ${lines.slice(most).join(' ')}`;
  return kept.map((each) => fit(each, width, size));
}
