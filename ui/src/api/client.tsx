/**
 * The way from a screen to the core: questions that are kept and asked anew when their tags change, and acts that
 * wait for their answer. Nothing is ever shown as done before the core has said so.
 */

import {
  QueryClient,
  QueryClientProvider,
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { CallError, toCallError } from './errors';
import type { Host } from './host';
import { tags, type Commands } from './wire';

export type CommandName = keyof Commands;
export type RequestOf<Name extends CommandName> = Commands[Name]['request'];
export type ResponseOf<Name extends CommandName> = Commands[Name]['response'];

const HostContext = createContext<Host | null>(null);

export function useHost(): Host {
  const host = useContext(HostContext);
  if (!host) throw new Error('No host: the screens are drawn inside <Client>.');
  return host;
}

export async function call<Name extends CommandName>(host: Host, name: Name, request: RequestOf<Name>): Promise<ResponseOf<Name>> {
  try {
    return (await host.call(name, request)) as ResponseOf<Name>;
  } catch (thrown) {
    throw toCallError(thrown);
  }
}

/** The questions whose answers a change of these tags may alter; null is every question. */
export function questionsOf(changed: readonly string[] | null): CommandName[] | null {
  if (changed === null) return null;
  const all = Object.keys(tags) as CommandName[];
  return all.filter((name) => tags[name].provides.some((tag) => (changed as readonly string[]).includes(tag)));
}

function refresh(queries: QueryClient, changed: readonly string[] | null): void {
  const names = questionsOf(changed);
  void queries.invalidateQueries({
    predicate: (query) => names === null || names.includes(query.queryKey[0] as CommandName),
  });
}

export function Client({ host, children }: { host: Host; children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          // The core is on this machine and says what changed: no age makes an answer wrong by itself.
          queries: { retry: false, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false, networkMode: 'always' },
          mutations: { retry: false, networkMode: 'always' },
        },
      }),
  );
  useEffect(() => host.onChanged((changed) => refresh(queries, changed)), [host, queries]);
  return (
    <HostContext value={host}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </HostContext>
  );
}

interface AskOptions {
  /** Waits with the question until its request is known. */
  when?: boolean;
  /** Asks again every so many milliseconds. */
  every?: number | false;
  /** Shows the previous answer while a changed request is on its way, for search as you type. */
  keep?: boolean;
}

/** A question to the core; asked again when a tag that it provides changes. */
export function useAsk<Name extends CommandName>(
  name: Name,
  request: RequestOf<Name>,
  { when = true, every = false, keep = false }: AskOptions = {},
): UseQueryResult<ResponseOf<Name>, CallError> {
  const host = useHost();
  return useQuery<ResponseOf<Name>, CallError>({
    queryKey: [name, request],
    queryFn: () => call(host, name, request),
    enabled: when,
    refetchInterval: every,
    ...(keep ? { placeholderData: keepPreviousData as never } : {}),
  });
}

export interface Doing<Name extends CommandName> {
  run: (request: RequestOf<Name>) => void;
  /** The answer is awaited. */
  busy: boolean;
  error: CallError | null;
  /** The latest answer, until the act runs again. */
  response: ResponseOf<Name> | null;
  clear: () => void;
}

/** An act. `onDone` runs once the core has recorded it and the questions it touches are being asked anew. */
export function useDo<Name extends CommandName>(
  name: Name,
  onDone?: (response: ResponseOf<Name>, request: RequestOf<Name>) => void,
): Doing<Name> {
  const host = useHost();
  const queries = useQueryClient();
  const mutation = useMutation<ResponseOf<Name>, CallError, RequestOf<Name>>({
    mutationFn: (request) => call(host, name, request),
    onSuccess: (response, request) => {
      refresh(queries, tags[name].invalidates);
      onDone?.(response, request);
    },
    // A refusal often means that the screen is behind: what it shows is asked anew.
    onError: () => refresh(queries, tags[name].invalidates),
  });
  return { run: (request) => mutation.mutate(request), busy: mutation.isPending, error: mutation.error, response: mutation.data ?? null, clear: () => mutation.reset() };
}
