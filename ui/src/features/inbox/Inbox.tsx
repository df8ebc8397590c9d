import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { InboxKind, InboxRow, OtherInbox } from '../../api/wire';
import { useActions } from '../../app/actions';
import { useDesk } from '../../app/desk';
import { riskLook } from '../../app/looks';
import { go, href } from '../../app/router';
import { Screen } from '../../app/Screen';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { Pill, type StatusLook } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';
import { FeatureSheet } from '../features/FeatureSheet';
import { PacketSheet } from '../packet/PacketSheet';

const kindLook: Record<InboxKind, StatusLook> = {
  gate: { tone: 'wait', shape: 'diamond' },
  checklist: { tone: 'wait', shape: 'diamond' },
  failed: { tone: 'stop', shape: 'cross' },
  unknown: { tone: 'wait', shape: 'question' },
  ready: { tone: 'accent', shape: 'arrow' },
  feature: { tone: 'wait', shape: 'diamond' },
  go: { tone: 'wait', shape: 'diamond' },
  step: { tone: 'accent', shape: 'circle' },
  plan: { tone: 'accent', shape: 'circle' },
  strategy: { tone: 'wait', shape: 'diamond' },
  issue_draft: { tone: 'stop', shape: 'cross' },
  stale: { tone: 'stop', shape: 'slash' },
  answer: { tone: 'wait', shape: 'question' },
  change: { tone: 'stop', shape: 'question' },
};

const columns: Column<InboxRow>[] = [
  { key: 'kind', head: text.inbox.kind, width: 'min', cell: (row) => <Pill {...kindLook[row.kind]}>{text.inbox.kinds[row.kind]}</Pill> },
  {
    key: 'what',
    head: text.inbox.what,
    width: 'wide',
    cell: (row) => (
      <div className="stack tight">
        <span className="strong">{row.title}</span>
        <span className="muted clamp" title={row.detail}>
          {row.detail}
        </span>
      </div>
    ),
  },
  { key: 'changes', head: text.inbox.changes, optional: true, cell: (row) => <span className="muted clamp" title={row.changes}>{row.changes}</span> },
  { key: 'risk', head: text.inbox.risk, width: 'min', optional: true, cell: (row) => <Pill {...riskLook[row.risk]}>{text.severity[row.risk]}</Pill> },
  { key: 'since', head: text.inbox.since, width: 'min', cell: (row) => (row.since ? <span className="muted"><RelativeTime bare at={row.since} /></span> : null) },
  { key: 'deadline', head: text.inbox.deadline, width: 'min', optional: true, cell: (row) => (row.deadline ? <RelativeTime at={row.deadline} /> : null) },
];

/** Hands the desk to somebody else on this machine for whom something waits. */
function SignAs({ other }: { other: OtherInbox }) {
  const toast = useToast();
  const change = useDo('person_switch', (done) => toast({ message: done.said }));
  return (
    <Button disabled={change.busy} onClick={() => change.run({ person: other.person.id })}>
      {text.inbox.signAs(other.person.name, other.rows)}
    </Button>
  );
}

/** Everything that waits for the person who signs here. */
export function Inbox() {
  const { view, product } = useDesk();
  const inbox = useAsk('inbox_list', {});
  const rows = inbox.data?.rows ?? [];
  const [at, setAt] = useState<string | null>(null);
  // The sheet outlives its row: what it shows stays to be read after the act that took the row away.
  const [sheet, setSheet] = useState<SheetKind | null>(null);
  const [start, setStart] = useState<'approve' | 'reject' | undefined>(undefined);
  const current = rows.find((row) => row.id === at) ?? rows.find((row) => sheet !== null && same(sheetOf(row), sheet));

  const openRow = (row: InboxRow) => {
    const next = sheetOf(row);
    setAt(row.id);
    setStart(undefined);
    if (next) setSheet(next);
    else go(linkOf(row));
  };
  const decide = (how: 'approve' | 'reject') => {
    setStart(how);
    setSheet(current ? sheetOf(current) : null);
  };
  const decidable = current && sheet === null && sheetOf(current) !== null;
  useActions([
    decidable && { id: 'inbox.approve', title: text.inbox.approve(current.title), group: text.screens.inbox, keys: 'a', run: () => decide('approve') },
    decidable && { id: 'inbox.reject', title: text.inbox.reject(current.title), group: text.screens.inbox, keys: 'r', run: () => decide('reject') },
  ]);
  const close = () => {
    setSheet(null);
    setStart(undefined);
  };
  return (
    <Screen title={text.screens.inbox}>
      <div className="body">
        <div className="pane">
          <Answer of={inbox}>
            {() =>
              rows.length === 0 ? (
                <EmptyState
                  title={text.inbox.empty(view.me?.name ?? '')}
                  action={
                    <>
                      {(inbox.data?.others ?? []).map((other) => (
                        <SignAs key={other.person.id} other={other} />
                      ))}
                      {product?.services[0] ? <Button onClick={() => go(href(['line', product.services[0]?.id]))}>{text.inbox.emptyAct(product.name)}</Button> : null}
                    </>
                  }
                >
                  {inbox.data?.others.length ? text.inbox.othersWait : text.inbox.emptyNext}
                </EmptyState>
              ) : (
                <Table
                  label={text.screens.inbox}
                  rows={rows}
                  rowKey={(row) => row.id}
                  columns={columns}
                  current={current?.id}
                  onCurrent={(row) => {
                    setAt(row.id);
                    setStart(undefined);
                    // An open sheet follows the cursor; what has no sheet leaves the place empty.
                    if (sheet) setSheet(sheetOf(row));
                  }}
                  onOpen={openRow}
                  openOnClick
                />
              )
            }
          </Answer>
        </div>
        {sheet?.kind === 'packet' ? (
          <PacketSheet
            key={`${sheet.build}@${sheet.stage}:${start ?? ''}`}
            build={sheet.build}
            stage={sheet.stage}
            start={start}
            takeFocus={start === undefined}
            onClose={close}
            onHistory={() => go(href(['line', sheet.service], { build: sheet.build }))}
          />
        ) : null}
        {sheet?.kind === 'feature' ? <FeatureSheet key={`${sheet.feature}:${start ?? ''}`} feature={sheet.feature} build={sheet.build} start={start} takeFocus={start === undefined} onClose={close} onBuild={() => undefined} /> : null}
      </div>
    </Screen>
  );
}

type SheetKind = { kind: 'packet'; build: string; stage: string; service: string | null } | { kind: 'feature'; feature: string; build: string | null };

/** What opens beside the list for a row; null for rows that lead to another screen. */
export function sheetOf(row: InboxRow): SheetKind | null {
  if (row.kind === 'feature' && row.feature) return { kind: 'feature', feature: row.feature, build: row.build };
  if (row.kind !== 'issue_draft' && row.kind !== 'change' && row.build && row.stage) return { kind: 'packet', build: row.build, stage: row.stage, service: row.service };
  return null;
}

function same(one: SheetKind | null, other: SheetKind): boolean {
  return one !== null && JSON.stringify(one) === JSON.stringify(other);
}

/** Where a row without a sheet leads. */
export function linkOf(row: InboxRow): string {
  switch (row.kind) {
    case 'issue_draft':
      return href(['issues'], { draft: row.issue });
    case 'change':
      return href(['line', row.service], { stage: row.stage });
    case 'strategy':
      return href(['strategy', row.product], { version: row.strategy === null ? null : String(row.strategy) });
    case 'go':
      return href(['releases', row.release], { part: 'go' });
    case 'step':
      return href(['releases', row.release], { part: 'steps' });
    case 'plan':
      return href(['releases', row.release], { part: 'plan' });
    default:
      return href(['line', row.service], { build: row.build });
  }
}
