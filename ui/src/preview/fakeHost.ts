/** A host that answers from a table instead of the core: for tests and for looking at screens in a browser. */

import type { CommandName, RequestOf, ResponseOf } from '../api/client';
import type { Host } from '../api/host';

export type Answers = { [Name in CommandName]?: (request: RequestOf<Name>) => ResponseOf<Name> | Promise<ResponseOf<Name>> };

export interface FakeHost extends Host {
  /** What was asked for, in order. */
  calls: { command: string; request: unknown }[];
  answers: Answers;
  change: (tags: readonly string[] | null) => void;
  ready: boolean;
  /** What the native dialogs answer. */
  path: string | null;
}

export function fakeHost(answers: Answers): FakeHost {
  const listeners = new Set<(tags: readonly string[] | null) => void>();
  const host: FakeHost = {
    answers,
    calls: [],
    ready: false,
    path: null,
    async call(command, request) {
      host.calls.push({ command, request });
      const answer = host.answers[command as CommandName] as ((request: unknown) => unknown) | undefined;
      if (!answer) throw { code: 'command.unknown', message: `Nothing answers ${command} here.`, reasons: [], hint: '', retryable: false };
      return answer(request);
    },
    onChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change: (tags) => {
      for (const listener of listeners) listener(tags);
    },
    saveDialog: async () => host.path,
    openFolderDialog: async () => host.path,
    openFileDialog: async () => host.path,
    notifyReady: () => {
      host.ready = true;
    },
  };
  return host;
}
