import type { ReactNode } from 'react';

/** Says why nothing is here and what to do next. */
export function EmptyState({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <svg viewBox="0 0 120 34" aria-hidden="true">
        <path d="M4 26H116" />
        <path d="M40 26V8M40 8l16 4-16 4" />
        <rect x="68" y="16" width="32" height="20" rx="3" />
      </svg>
      <h2>{title}</h2>
      <p>{children}</p>
      {action ? <div className="row wrap">{action}</div> : null}
    </div>
  );
}
