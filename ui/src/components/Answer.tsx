import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { CallError } from '../api/errors';
import { text } from '../text';
import { ErrorNotice } from './ErrorNotice';

/** Draws what a question brought: the answer, the wait for it, or why there is none. */
export function Answer<T>({ of, children }: { of: UseQueryResult<T, CallError>; children: (answer: T) => ReactNode }) {
  if (of.data !== undefined) {
    return (
      <>
        {of.error ? (
          <div className="pad">
            <ErrorNotice error={of.error} onRetry={() => void of.refetch()} />
          </div>
        ) : null}
        {children(of.data)}
      </>
    );
  }
  if (of.error) {
    return (
      <div className="pad measure">
        <ErrorNotice error={of.error} onRetry={() => void of.refetch()} />
      </div>
    );
  }
  return (
    <p className="pad faint" role="status">
      {text.state.loading}
    </p>
  );
}
