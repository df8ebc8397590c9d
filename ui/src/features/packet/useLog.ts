/** Reads a deployment's log piece by piece while it runs. */

import { useEffect, useState } from 'react';
import { call, useHost } from '../../api/client';
import { toCallError, type CallError } from '../../api/errors';
import type { LogView } from '../../api/wire';

const every = 700;

export interface RunningLog {
  content: string;
  latest: LogView | null;
  error: CallError | null;
}

/** Starts over with another deployment; stops asking once the run is over and everything is read. */
export function useLog(deployment: string): RunningLog {
  const host = useHost();
  const [log, setLog] = useState<RunningLog>({ content: '', latest: null, error: null });
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let after = '';
    const read = async () => {
      try {
        const piece = await call(host, 'deployment_log', { deployment, after });
        if (gone) return;
        after = piece.next;
        setLog((known) => ({ content: known.content + piece.text, latest: piece, error: null }));
        if (piece.more || piece.state === 'running') timer = setTimeout(read, piece.more && piece.text !== '' ? 0 : every);
      } catch (thrown) {
        if (!gone) setLog((known) => ({ ...known, error: toCallError(thrown) }));
      }
    };
    void read();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [host, deployment]);
  return log;
}
