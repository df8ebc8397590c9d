import { useState, type ReactNode } from 'react';
import { severity, toCallError, type Severity } from '../api/errors';
import { text } from '../text';
import { Button } from './Button';
import { Glyph } from './Glyph';
import { Reasons } from './Reasons';
import type { StatusLook } from './Pill';

const looks: Record<Severity, StatusLook> = {
  refused: { tone: 'wait', shape: 'slash' },
  changed: { tone: 'wait', shape: 'diamond' },
  failed: { tone: 'stop', shape: 'cross' },
  fatal: { tone: 'stop', shape: 'square' },
};

interface ErrorNoticeProps {
  error: unknown;
  /** Offered when trying again may help. */
  onRetry?: (() => void) | undefined;
  action?: ReactNode;
}

/** What happened, all the reasons, the next step, and a code to pass on. */
export function ErrorNotice({ error, onRetry, action }: ErrorNoticeProps) {
  const known = toCallError(error);
  const kind = severity(known);
  const look = looks[kind];
  const [copied, setCopied] = useState(false);
  const next = known.hint ?? text.error.next[kind];
  return (
    <div className="notice" role="alert" data-tone={look.tone}>
      <div className="notice-head">
        <Glyph shape={look.shape} />
        <span>{known.message}</span>
      </div>
      <Reasons reasons={known.reasons} />
      <p className="notice-next">{next}</p>
      <div className="notice-code">
        <code>{known.code}</code>
        <Button
          size="small"
          kind="quiet"
          onClick={() => {
            void navigator.clipboard?.writeText(known.report).then(() => setCopied(true));
          }}
        >
          {copied ? text.error.copied : text.error.copy}
        </Button>
        <span className="push row">
          {action}
          {onRetry ? (
            <Button size="small" onClick={onRetry}>
              {text.act.retry}
            </Button>
          ) : null}
        </span>
      </div>
    </div>
  );
}
