import { CSPProvider } from '@base-ui/react/csp-provider';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Client, useAsk, useHost } from '../api/client';
import type { Host } from '../api/host';
import { ErrorNotice } from '../components/ErrorNotice';
import { Features } from '../features/features/Features';
import { FirstStart } from '../features/start/FirstStart';
import { Inbox } from '../features/inbox/Inbox';
import { Issues } from '../features/issues/Issues';
import { Ledger } from '../features/ledger/Ledger';
import { Line } from '../features/line/Line';
import { Releases } from '../features/releases/Releases';
import { Releasing } from '../features/releasing/Releasing';
import { Settings } from '../features/settings/Settings';
import { Strategy } from '../features/strategy/Strategy';
import { text } from '../text';
import { ActionRegistry, Actions } from './actions';
import { useAppearance, useSingleKeys } from './appearance';
import { Boundary } from './Boundary';
import { Frame } from './Frame';
import type { Route } from './router';
import { useShortcuts } from './shortcuts';
import { Toasts } from './toasts';

/** The whole UI over one host. */
export function App({ host }: { host: Host }) {
  const [registry] = useState(() => new ActionRegistry());
  return (
    <CSPProvider disableStyleElements>
      <Client host={host}>
        <Actions value={registry}>
          <Toasts>
            <Keys registry={registry} />
            <Boundary on="desk">
              <DeskOrStart />
            </Boundary>
          </Toasts>
        </Actions>
      </Client>
    </CSPProvider>
  );
}

function Keys({ registry }: { registry: ActionRegistry }) {
  const [single] = useSingleKeys();
  useAppearance();
  useShortcuts(registry, single);
  return null;
}

function DeskOrStart() {
  const desk = useAsk('desk_show', {});
  const [making, setMaking] = useState(false);
  useReady(desk.data !== undefined || desk.error !== null);
  // The desk begins to exist while it is being made; the screens open when it is whole.
  if (desk.data && (desk.data.first_start || making)) return <FirstStart view={desk.data} onBusy={setMaking} />;
  if (desk.data) {
    return <Frame view={desk.data}>{(route) => <Boundary on={route.screen}>{screenOf(route)}</Boundary>}</Frame>;
  }
  return (
    <main className="fullscreen">
      {desk.error ? <ErrorNotice error={desk.error} onRetry={() => void desk.refetch()} /> : <p className="faint">{text.app.starting}</p>}
    </main>
  );
}

function screenOf(route: Route): ReactNode {
  switch (route.screen) {
    case 'line':
      return <Line route={route} />;
    case 'releases':
      return <Releases route={route} />;
    case 'releasing':
      return <Releasing route={route} />;
    case 'features':
      return <Features route={route} />;
    case 'issues':
      return <Issues route={route} />;
    case 'strategy':
      return <Strategy route={route} />;
    case 'ledger':
      return <Ledger route={route} />;
    case 'settings':
      return <Settings route={route} />;
    default:
      return <Inbox />;
  }
}

/** Tells the host once that the first screen shows its data and takes keys. */
function useReady(answered: boolean): void {
  const host = useHost();
  const queries = useQueryClient();
  const fetching = useIsFetching();
  const told = useRef(false);
  useEffect(() => {
    if (!answered || fetching > 0 || told.current) return;
    // Two frames later the answers are painted; a question that the first screen has begun since counts, too.
    const frame = requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (told.current || queries.isFetching() > 0) return;
        told.current = true;
        host.notifyReady();
      }),
    );
    return () => cancelAnimationFrame(frame);
  }, [answered, fetching, host, queries]);
}
