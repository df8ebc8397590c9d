import { Dialog } from '@base-ui/react/dialog';
import { useId, useState, type KeyboardEvent } from 'react';
import { Kbd } from '../components/Kbd';
import { text } from '../text';
import { matching, useAllActions } from './actions';

export interface Hit {
  key: string;
  title: string;
  kind: string;
  open: () => void;
}

interface PaletteProps {
  onClose: () => void;
  /** What the desk finds for the typed words; the palette itself only knows the acts. */
  typed: string;
  onType: (typed: string) => void;
  hits: readonly Hit[];
}

interface Item {
  id: string;
  title: string;
  note: string;
  keys?: string | undefined;
  group: string;
  run: () => void;
}

const most = 60;

/**
 * Every act and everything the desk can find, from one box.
 *
 * It exists only while it is open, and the box has the focus from the first moment: who types on after the shortcut
 * loses no letter, and none of them reaches what had the focus before.
 */
export function Palette({ onClose, typed, onType, hits }: PaletteProps) {
  const id = useId();
  const [before] = useState(() => document.activeElement);
  const actions = useAllActions();
  const [at, setAt] = useState(0);
  const acts: Item[] = matching(actions, typed).map((action) => ({
    id: action.id,
    title: action.title,
    note: action.keys ? '' : action.group,
    keys: action.keys,
    group: text.palette.acts,
    run: action.run,
  }));
  const found: Item[] = hits.map((hit) => ({ id: hit.key, title: hit.title, note: hit.kind, group: text.palette.found, run: hit.open }));
  // Who types the beginning of an act means the act; other words are looked for first.
  const named = typed.trim() !== '' && acts[0]?.title.toLowerCase().startsWith(typed.trim().toLowerCase());
  const items = (named ? [...acts, ...found] : [...found, ...acts]).slice(0, most);
  const index = Math.min(at, Math.max(0, items.length - 1));

  const leave = () => {
    onClose();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
  const run = (item: Item | undefined) => {
    if (!item) return;
    // The focus goes back first, so that the act may move it.
    leave();
    item.run();
  };
  const keyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = (index + step + items.length) % Math.max(1, items.length);
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(items[index]);
    }
  };
  return (
    <Dialog.Root open onOpenChange={(next) => (next ? undefined : leave())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="palette" aria-label={text.palette.label} finalFocus={false}>
          <input
            className="palette-input"
            autoFocus
            type="text"
            role="combobox"
            aria-label={text.palette.label}
            aria-expanded={items.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={items.length > 0 ? `${id}-${index}` : undefined}
            aria-autocomplete="list"
            placeholder={text.palette.placeholder}
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              onType(event.target.value);
              setAt(0);
            }}
            onKeyDown={keyDown}
          />
          <div className="palette-list" role="listbox" id={`${id}-list`} aria-label={text.palette.label}>
            {items.map((item, position) => (
              <PaletteRow
                key={`${item.group}:${item.id}`}
                id={`${id}-${position}`}
                item={item}
                head={items[position - 1]?.group === item.group ? null : item.group}
                selected={position === index}
                onRun={() => run(item)}
                onPoint={() => setAt(position)}
              />
            ))}
          </div>
          {items.length === 0 ? <p className="palette-empty">{text.palette.nothing}</p> : null}
          <div className="hidden-visually" role="status">
            {text.palette.results(items.length)}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface RowProps {
  id: string;
  item: Item;
  head: string | null;
  selected: boolean;
  onRun: () => void;
  onPoint: () => void;
}

function PaletteRow({ id, item, head, selected, onRun, onPoint }: RowProps) {
  return (
    <>
      {head ? (
        <div className="palette-group" role="presentation">
          {head}
        </div>
      ) : null}
      <div className="palette-item" role="option" id={id} aria-selected={selected} onClick={onRun} onPointerMove={onPoint}>
        <span className="ellipsis">{item.title}</span>
        {item.note ? <span className="faint">{item.note}</span> : null}
        {item.keys ? <Kbd keys={item.keys} /> : null}
      </div>
    </>
  );
}
