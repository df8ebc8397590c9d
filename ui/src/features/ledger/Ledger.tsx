import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, useAsk, useHost } from '../../api/client';
import type { CallError } from '../../api/errors';
import type { Entries, EntryFilter, EntryRow } from '../../api/wire';
import { useActions } from '../../app/actions';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextField } from '../../components/Field';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';
import { fromLocal, number } from '../../text/time';
import { Checkpoint } from './Checkpoint';
import { EntrySheet } from './EntrySheet';
import { ExportDialog } from './ExportDialog';
import { VerifyDialog } from './VerifyDialog';

const page = 250;
const columns: Column<EntryRow>[] = [
  { key: 'seq', head: text.ledger.seq, width: 'min', align: 'end', cell: (row) => <span className="mono muted">{number(row.seq)}</span> },
  { key: 'at', head: text.ledger.at, width: 'min', cell: (row) => <span className="muted"><RelativeTime at={row.at} /></span> },
  { key: 'sentence', head: text.ledger.what, cell: (row) => row.sentence },
  { key: 'who', head: text.ledger.who, width: 'min', cell: (row) => <span className="nowrap">{row.author_name} <span className="faint">{row.role}</span></span> },
  { key: 'kind', head: text.ledger.kind, width: 'min', optional: true, cell: (row) => <code className="faint">{row.kind}</code> },
];

const everything: EntryFilter = { person: null, kind: null, subject_kind: null, subject: null, from: null, until: null };

/** The register: read it, filter it, verify it, take a copy out. */
export function Ledger({ route }: { route: Route }) {
  const host = useHost();
  const people = useAsk('person_list', {});
  const [filter, setFilter] = useState<EntryFilter>({ ...everything, subject_kind: route.query.get('subject_kind'), subject: route.query.get('subject') });
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  // Only the command's own key parts: the changed event asks anew by the command's name.
  const pages = useInfiniteQuery<Entries, CallError>({
    queryKey: ['ledger_list', filter],
    queryFn: ({ pageParam }) => call(host, 'ledger_list', { filter, before: pageParam as number | null, limit: page }),
    initialPageParam: null,
    getNextPageParam: (last) => (last.more ? (last.entries.at(-1)?.seq ?? null) : null),
  });
  const rows = pages.data?.pages.flatMap((each) => each.entries) ?? [];
  const first = pages.data?.pages[0];
  const chosen = route.parts[0] ?? null;
  const asked = route.query.get('do');
  const close = () => go(href(['ledger', chosen]), true);
  const set = (change: Partial<EntryFilter>) => setFilter({ ...filter, ...change });
  const filtered = Object.values(filter).some((value) => value !== null);
  const start = (what: 'verify' | 'export' | 'checkpoint') => go(href(['ledger', chosen], { do: what }));
  useActions([
    { id: 'ledger.verify', title: text.ledger.verify, group: text.screens.ledger, keys: 'v', run: () => start('verify') },
    { id: 'ledger.export', title: text.ledger.export, group: text.screens.ledger, keys: 'x', run: () => start('export') },
    { id: 'ledger.checkpoint', title: text.ledger.checkpoint, group: text.screens.ledger, run: () => start('checkpoint') },
  ]);
  return (
    <Screen
      title={text.screens.ledger}
      tools={
        <>
          {first ? <span className="muted">{text.ledger.size(number(first.size))}</span> : null}
          <Button keys="v" onClick={() => start('verify')}>
            {text.ledger.verify}
          </Button>
          <Button keys="x" onClick={() => start('export')}>
            {text.ledger.export}
          </Button>
          <Button onClick={() => start('checkpoint')}>{text.ledger.checkpoint}</Button>
        </>
      }
    >
      <div className="toolbar" role="search" aria-label={text.ledger.filter}>
        <Select
          label={text.ledger.who}
          value={filter.person ?? ''}
          choices={[{ value: '', label: text.ledger.anybody }, ...(people.data?.people ?? []).map((each) => ({ value: each.person.id, label: each.person.name }))]}
          onChange={(event) => set({ person: event.target.value || null })}
        />
        <Select label={text.ledger.kind} value={filter.kind ?? ''} choices={[{ value: '', label: text.ledger.anyKind }, ...(first?.kinds ?? []).map((each) => ({ value: each, label: each }))]} onChange={(event) => set({ kind: event.target.value || null })} />
        <TextField
          label={text.ledger.from}
          type="datetime-local"
          value={from}
          onChange={(event) => {
            setFrom(event.target.value);
            set({ from: fromLocal(event.target.value) });
          }}
        />
        <TextField
          label={text.ledger.until}
          type="datetime-local"
          value={until}
          onChange={(event) => {
            setUntil(event.target.value);
            set({ until: fromLocal(event.target.value) });
          }}
        />
        {filtered ? (
          <Button
            kind="quiet"
            className="bottom"
            onClick={() => {
              setFilter(everything);
              setFrom('');
              setUntil('');
            }}
          >
            {text.ledger.all}
          </Button>
        ) : null}
      </div>
      <div className="body">
        <div className="pane">
          {pages.error ? (
            <div className="pad measure">
              <ErrorNotice error={pages.error} onRetry={() => void pages.refetch()} />
            </div>
          ) : pages.isPending ? (
            <p className="pad faint" role="status">{text.state.loading}</p>
          ) : rows.length === 0 ? (
            <EmptyState title={filtered ? text.ledger.nothing : text.ledger.empty}>{filtered ? text.ledger.nothingNext : text.ledger.emptyNext}</EmptyState>
          ) : (
            <>
              <Table
                label={text.screens.ledger}
                rows={rows}
                rowKey={(row) => row.id}
                columns={columns}
                current={chosen}
                onCurrent={(row) => go(href(['ledger', row.id]))}
                onEnd={() => {
                  if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
                }}
              />
              {pages.hasNextPage ? (
                <div className="pad">
                  <Button busy={pages.isFetchingNextPage} busyWord={text.state.loading} onClick={() => void pages.fetchNextPage()}>
                    {text.act.more}
                  </Button>
                </div>
              ) : null}
            </>
          )}
        </div>
        {chosen ? <EntrySheet key={chosen} entry={chosen} onClose={() => go(href(['ledger']))} /> : null}
      </div>
      {asked === 'verify' ? <VerifyDialog onClose={close} /> : null}
      {asked === 'export' ? <ExportDialog filter={filter} filtered={filtered} onClose={close} /> : null}
      {asked === 'checkpoint' ? <Checkpoint onClose={close} /> : null}
    </Screen>
  );
}
