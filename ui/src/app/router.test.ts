import { describe, expect, it } from 'vitest';
import { href, parse } from './router';

describe('routes', () => {
  it('read what links write', () => {
    const route = parse(href(['line', 'harbour & co', 'web/api'], { stage: 'QA 1', none: undefined }));
    expect(route.screen).toBe('line');
    expect(route.parts).toEqual(['harbour & co', 'web/api']);
    expect(Object.fromEntries(route.query)).toEqual({ stage: 'QA 1' });
  });
  it('survive a malformed hash', () => expect(parse('#/line/%E0%A4%A').parts).toEqual(['%E0%A4%A']));
});
