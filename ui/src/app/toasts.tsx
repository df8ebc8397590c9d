import { X } from 'lucide-react';
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import { Button, IconButton } from '../components/Button';
import { Glyph } from '../components/Glyph';
import type { StatusLook } from '../components/Pill';
import { text } from '../text';

interface Toast {
  message: string;
  look?: StatusLook;
  action?: { title: string; run: () => void };
}

const stays = 8_000;
const done: StatusLook = { tone: 'go', shape: 'check' };
const Push = createContext<(toast: Toast) => void>(() => undefined);

/** Says in a corner, and to a screen reader, that something was done. Never holds what must not be missed. */
export function useToast(): (toast: Toast) => void {
  return useContext(Push);
}

export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { id: number })[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const push = useCallback(
    (toast: Toast) => {
      const id = (next.current += 1);
      setToasts((all) => [...all.slice(-1), { ...toast, id }]);
      setTimeout(() => drop(id), stays);
    },
    [drop],
  );
  const list = useMemo(
    () => (
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map((toast) => (
          <div key={toast.id} className="toast" data-tone={(toast.look ?? done).tone}>
            <Glyph shape={(toast.look ?? done).shape} />
            <span className="grow">{toast.message}</span>
            {toast.action ? (
              <Button
                size="small"
                onClick={() => {
                  toast.action?.run();
                  drop(toast.id);
                }}
              >
                {toast.action.title}
              </Button>
            ) : null}
            <IconButton label={text.act.dismiss} onClick={() => drop(toast.id)}>
              <X aria-hidden="true" />
            </IconButton>
          </div>
        ))}
      </div>
    ),
    [toasts, drop],
  );
  return (
    <Push value={push}>
      {children}
      {list}
    </Push>
  );
}
