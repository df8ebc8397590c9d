/**
 * What a refused or failed call says. The codes are a closed list that the core owns; this file decides how
 * serious one is and which way out the screen offers.
 */

import { text } from '../text';
import type { Reason } from './wire';

export class CallError extends Error {
  readonly code: string;
  readonly reasons: readonly Reason[];
  readonly hint: string | null;
  readonly retryable: boolean;

  constructor(facts: { code: string; message: string; reasons: readonly Reason[]; hint: string | null; retryable: boolean }) {
    super(facts.message);
    this.name = 'CallError';
    this.code = facts.code;
    this.reasons = facts.reasons;
    this.hint = facts.hint;
    this.retryable = facts.retryable;
  }

  /** What a person pastes into a message to whoever helps them. */
  get report(): string {
    return [`${this.code}: ${this.message}`, ...this.reasons.map((reason) => `- ${reason.code}: ${reason.sentence}`)].join('\n');
  }
}

export type Severity = 'refused' | 'changed' | 'failed' | 'fatal';

/** Refused: the rules say no. Changed: somebody was faster. Failed: try again. Fatal: nothing works before it is resolved. */
export function severity(error: CallError): Severity {
  if (/newer|damage|corrupt|unreadable/u.test(error.code)) return 'fatal';
  if (/changed|stale|moved|conflict/u.test(error.code)) return 'changed';
  if (error.retryable || /^(io|internal|unavailable|disk)/u.test(error.code)) return 'failed';
  return 'refused';
}

/** Whatever was thrown, as a `CallError`; the shape of the wire is checked, not trusted. */
export function toCallError(thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown;
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    const wire = thrown as Record<string, unknown>;
    return new CallError({
      code: String(wire['code']),
      message: String(wire['message']),
      reasons: Array.isArray(wire['reasons']) ? wire['reasons'].map(toReason) : [],
      hint: typeof wire['hint'] === 'string' && wire['hint'] !== '' ? wire['hint'] : null,
      retryable: wire['retryable'] === true,
    });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new CallError({ code: 'shell_failed', message: text.error.shell, reasons: [{ code: 'shell_failed', sentence: message, next_step: '' }], hint: null, retryable: true });
}

function toReason(reason: unknown): Reason {
  const wire = (typeof reason === 'object' && reason !== null ? reason : { sentence: String(reason) }) as Record<string, unknown>;
  const word = (key: string) => (typeof wire[key] === 'string' ? wire[key] : '');
  return { code: word('code'), sentence: word('sentence') || JSON.stringify(reason), next_step: word('next_step') };
}
