/** A bar with its value in words beside it. Without `of` the amount is unknown and the bar runs. */
export function Progress({ done, of, label, words }: { done: number; of: number | null; label: string; words?: string }) {
  const percent = of === null || of === 0 ? null : Math.min(100, Math.round((done / of) * 100));
  return (
    <div className="progress">
      <div
        className="progress-bar"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent ?? undefined}
        aria-valuetext={words}
      >
        <span style={{ width: `${percent ?? 30}%` }} data-running={percent === null ? '' : undefined} />
      </div>
      {words ? <span className="progress-words">{words}</span> : null}
    </div>
  );
}
