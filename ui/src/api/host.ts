/** The desktop shell as the screens see it. No other file knows that there is a shell. */

import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

export interface Host {
  /** Resolves with the response, rejects with the error as it crossed the wire. */
  call(command: string, request: unknown): Promise<unknown>;
  /** Hears which cache tags changed; null says that anything may have. */
  onChanged(listener: (tags: readonly string[] | null) => void): () => void;
  /** Asks where to save; the path, or null when the person changed their mind. */
  saveDialog(question: { title: string; name: string; extension: string }): Promise<string | null>;
  openFolderDialog(title: string): Promise<string | null>;
  openFileDialog(title: string, extensions: readonly string[]): Promise<string | null>;
  /** Tells once that the first screen can be used. */
  notifyReady(): void;
}

export function desktopHost(): Host {
  return {
    call: (command, request) => invoke('call', { command, request }),
    onChanged(listener) {
      const stop = listen<unknown>('changed', (event) => {
        const payload = event.payload;
        const changed: unknown = Array.isArray(payload) ? payload : (payload as { tags?: unknown } | null)?.tags;
        listener(Array.isArray(changed) ? changed.filter((tag) => typeof tag === 'string') : null);
      });
      return () => {
        void stop.then((unlisten) => unlisten());
      };
    },
    saveDialog: (question) => invoke<string | null>('choose_save_file', { ...question }),
    openFolderDialog: (title) => invoke<string | null>('choose_folder', { title }),
    openFileDialog: (title, extensions) => invoke<string | null>('choose_file', { title, extensions }),
    notifyReady() {
      void invoke('ui_ready');
    },
  };
}
