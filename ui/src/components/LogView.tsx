import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { text } from '../text';
import { Button } from './Button';
import { visibleLines } from './logText';

/**
 * The output of a running process, as text and nothing else. It follows the tail until the reader scrolls up.
 * Beyond a thousand lines only those in sight are in the document.
 */
export function LogView({ label, content, live }: { label: string; content: string; live: boolean }) {
  const lines = visibleLines(content);
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const virtual = lines.length > 1_000;
  const virtualizer = useVirtualizer({
    count: virtual ? lines.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => 19,
    overscan: 30,
  });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (following && element) element.scrollTop = element.scrollHeight;
  }, [following, lines.length]);

  return (
    <div className="log">
      <div
        className="log-lines"
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label={label}
        aria-live="off"
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          setFollowing(scrollHeight - scrollTop - clientHeight < 24);
        }}
      >
        {lines.length === 0 ? <p className="faint">{live ? text.log.waiting : text.log.empty}</p> : null}
        {virtual ? (
          <div className="log-space" style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map((item) => (
              <div key={item.key} className="log-line" style={{ transform: `translateY(${item.start}px)` }}>
                {lines[item.index]}
              </div>
            ))}
          </div>
        ) : (
          // Position is the identity of a log line.
          lines.map((line, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <div key={index} className="log-line">
              {line}
            </div>
          ))
        )}
      </div>
      {live && !following ? (
        <Button size="small" className="log-follow" onClick={() => setFollowing(true)}>
          {text.log.follow}
        </Button>
      ) : null}
    </div>
  );
}
