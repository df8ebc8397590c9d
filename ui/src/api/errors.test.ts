import { describe, expect, it } from 'vitest';
import { severity, toCallError } from './errors';

describe('errors', () => {
  it('carry every reason and what would resolve it', () => {
    const error = toCallError({
      code: 'act.refused', message: 'web 2.8.0 can’t be promoted.', retryable: false, hint: null,
      reasons: [{ code: 'stage.occupied', sentence: 'Production is occupied.', next_step: 'Decide 2.7.4.' }, { code: 'stage.held', sentence: 'It is held.' }],
    });
    expect(error.reasons).toHaveLength(2);
    expect(error.report).toBe('act.refused: web 2.8.0 can’t be promoted.\n- stage.occupied: Production is occupied.\n- stage.held: It is held.');
    expect(severity(error)).toBe('refused');
  });
  it('tell a race from a refusal', () => expect(severity(toCallError({ code: 'packet.changed', message: '' }))).toBe('changed'));
  it('tell a failure that may pass', () => expect(severity(toCallError({ code: 'pipeline', message: '', retryable: true }))).toBe('failed'));
  it('take whatever was thrown', () => {
    expect(toCallError('boom').reasons[0]?.sentence).toBe('boom');
    expect(toCallError(new Error('boom')).code).toBe('shell_failed');
    expect(toCallError({ code: 'x', message: 'y', reasons: 'no list' }).reasons).toEqual([]);
  });
});
