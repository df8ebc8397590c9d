import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useActions } from '../app/actions';
import { text } from '../text';

export interface Column<Row> {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** A share of the width, as a CSS class suffix: see `table.css`. */
  width?: 'min' | 'narrow' | 'wide';
  align?: 'end';
  /** Left out where there is little room. */
  optional?: boolean;
}

interface TableProps<Row> {
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  columns: readonly Column<Row>[];
  /** The row the keyboard stands on, and that a sheet shows. */
  current?: string | null | undefined;
  onCurrent?: (row: Row) => void;
  onOpen?: (row: Row) => void;
  /** A click opens, where moving the cursor alone does not. */
  openOnClick?: boolean;
  /** Called when the end comes into sight, to read the next page. */
  onEnd?: () => void;
}

const rowHeight = 34;
const virtualFrom = 200;

/**
 * A list with columns. J and K (or the arrow keys) move, Enter opens. Beyond 200 rows only those in sight are in
 * the document; assistive technology is told the full count.
 */
export function Table<Row>({ label, rows, rowKey, columns, current, onCurrent, onOpen, openOnClick = false, onEnd }: TableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const interactive = Boolean(onCurrent ?? onOpen);
  const virtual = rows.length > virtualFrom;
  const [port, setPort] = useState<{ element: HTMLElement; margin: number } | null>(null);
  useLayoutEffect(() => {
    if (!virtual || !scroller.current) return;
    const element = scrollParent(scroller.current);
    const margin = scroller.current.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop;
    setPort({ element, margin: element === scroller.current ? 0 : Math.round(margin) });
  }, [virtual]);
  const margin = port?.margin ?? 0;
  const virtualizer = useVirtualizer<HTMLElement, HTMLTableRowElement>({
    count: virtual && port ? rows.length : 0,
    getScrollElement: () => port?.element ?? null,
    estimateSize: () => rowHeight,
    // A pane that a sheet hides has no height; its rows keep theirs for when it comes back.
    measureElement: (row) => row.offsetHeight || rowHeight,
    overscan: 12,
    scrollMargin: margin,
  });
  const items = virtual ? virtualizer.getVirtualItems() : null;
  const first = items?.[0];
  const last = items?.at(-1);
  const shown = virtual ? rows.slice(first?.index ?? 0, (last?.index ?? -1) + 1) : rows;
  const offset = first?.index ?? 0;
  const atEnd = last !== undefined && last.index >= rows.length - 1;
  useEffect(() => {
    if (atEnd) onEnd?.();
  }, [atEnd, onEnd]);

  const index = rows.findIndex((row) => rowKey(row) === current);
  const stand = (next: number) => {
    const row = rows[next];
    if (!row) return;
    (onCurrent ?? onOpen)?.(row);
    const focus = () => scroller.current?.querySelector<HTMLElement>(`tr[data-index="${next}"]`)?.focus();
    if (virtual) {
      virtualizer.scrollToIndex(next);
      requestAnimationFrame(focus);
    } else {
      // At once, so that an Enter that follows quickly meets the row and not what had the focus before.
      focus();
    }
  };
  const move = (step: number) => stand(index < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, index + step)));

  useActions([
    interactive && rows.length > 0 && { id: 'list.next', title: text.keys.nextRow, group: text.keys.lists, keys: 'j', shortcutOnly: true, run: () => move(1) },
    interactive && rows.length > 0 && { id: 'list.previous', title: text.keys.previousRow, group: text.keys.lists, keys: 'k', shortcutOnly: true, run: () => move(-1) },
    Boolean(onOpen) && index >= 0 && {
      id: 'list.open',
      title: text.keys.openRow,
      group: text.keys.lists,
      keys: 'enter',
      shortcutOnly: true,
      run: () => {
        const row = rows[index];
        if (row) onOpen?.(row);
      },
    },
  ]);

  const keyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLTableRowElement)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(step);
  };

  return (
    <div className="table-scroll" ref={scroller}>
      <table
        className="table"
        role={interactive ? 'grid' : undefined}
        aria-label={label}
        aria-rowcount={virtual ? rows.length + 1 : undefined}
        onKeyDown={interactive ? keyDown : undefined}
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-width={column.width} data-align={column.align} data-optional={column.optional ? '' : undefined}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first && first.start > margin ? (
            <tr aria-hidden="true">
              <td className="table-gap" colSpan={columns.length} style={{ height: first.start - margin }} />
            </tr>
          ) : null}
          {shown.map((row, at) => {
            const key = rowKey(row);
            const position = offset + at;
            const standing = key === current;
            return (
              <tr
                key={key}
                data-index={position}
                ref={virtual ? virtualizer.measureElement : undefined}
                data-interactive={interactive ? '' : undefined}
                aria-rowindex={virtual ? position + 2 : undefined}
                aria-selected={interactive ? standing : undefined}
                tabIndex={interactive ? (standing || (index < 0 && position === 0) ? 0 : -1) : undefined}
                onClick={
                  interactive
                    ? (event) => {
                        if (event.target instanceof Element && event.target.closest('a, button, input, select, label')) return;
                        onCurrent?.(row);
                        if (!onCurrent || openOnClick) onOpen?.(row);
                      }
                    : undefined
                }
                onDoubleClick={onOpen ? () => onOpen(row) : undefined}
              >
                {columns.map((column) => (
                  <td key={column.key} data-width={column.width} data-align={column.align} data-optional={column.optional ? '' : undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {last && virtual ? (
            <tr aria-hidden="true">
              <td className="table-gap" colSpan={columns.length} style={{ height: Math.max(0, virtualizer.getTotalSize() - (last.end - margin)) }} />
            </tr>
          ) : null}
        </tbody>
      </table>
    </div>
  );
}

/** The element that scrolls the table: its own frame, or the pane that it shares with other content. */
function scrollParent(from: HTMLElement): HTMLElement {
  for (let element: HTMLElement | null = from; element; element = element.parentElement) {
    const { overflowY } = getComputedStyle(element);
    if (overflowY === 'auto' || overflowY === 'scroll') return element;
  }
  return from;
}
