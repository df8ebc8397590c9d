import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { en } from './en';

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return ['generated', 'preview', 'test'].includes(name) ? [] : sources(path);
    return /\.tsx?$/u.test(name) && !name.includes('.test.') ? [path] : [];
  });
}

const files = sources('src');

/** Words between tags, and in attributes that a person reads or hears. */
function fixedWords(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const spoken = new Set(['aria-label', 'title', 'placeholder', 'label', 'hint', 'alt', 'intro']);
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}{2}/u.test(node.text)) found.push(`${path}: ${node.text.trim()}`);
    if (ts.isJsxAttribute(node) && spoken.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer) && /\p{L}{2}/u.test(node.initializer.text)) {
      found.push(`${path}: ${node.initializer.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function leaves(part: unknown, path: string): [string, unknown][] {
  if (typeof part === 'object' && part !== null && !Array.isArray(part)) return Object.entries(part).flatMap(([key, value]) => leaves(value, `${path}.${key}`));
  return [[path, part]];
}

describe('the catalogue', () => {
  it('holds every word on the screens', () => {
    expect(files.filter((path) => path.endsWith('.tsx')).flatMap(fixedWords)).toEqual([]);
  });

  it('has no empty text', () => {
    expect(leaves(en, 'text').filter(([, value]) => value === '')).toEqual([]);
  });

  it('holds nothing that no screen uses', () => {
    const code = files.filter((path) => !path.endsWith('en.ts')).map((path) => readFileSync(path, 'utf8')).join('\n');
    const unused = leaves(en, 'text').filter(([path]) => {
      const parts = path.split('.');
      // A leaf counts as used when it, or the group that a value looks it up in, is named.
      return !code.includes(path) && !code.includes(`${parts.slice(0, -1).join('.')}[`);
    });
    expect(unused.map(([path]) => path)).toEqual([]);
  });
});
