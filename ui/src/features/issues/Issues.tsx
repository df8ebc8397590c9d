import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { IssueDraft, IssueRow } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { riskLook } from '../../app/looks';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { Checkbox, Select, TextField } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';
import { IssueSheet } from './IssueSheet';
import { ReportDialog } from './ReportDialog';

const columns: Column<IssueRow>[] = [
  { key: 'key', head: text.issues.key, width: 'min', cell: (row) => <span className="mono strong">{row.key}</span> },
  {
    key: 'problem',
    head: text.issues.problem,
    cell: (row) => (
      <div className="stack tight">
        <span>{row.problem}</span>
        {row.lesson || row.solution ? <span className="muted small">{row.lesson || row.solution}</span> : null}
      </div>
    ),
  },
  { key: 'severity', head: text.issues.severity, width: 'min', cell: (row) => <Pill {...riskLook[row.severity]}>{text.severity[row.severity]}</Pill> },
  { key: 'where', head: text.issues.where, optional: true, cell: (row) => <span className="muted">{[row.service, row.stage].filter(Boolean).join(' · ')}</span> },
  { key: 'met', head: text.issues.met, width: 'min', optional: true, align: 'end', cell: (row) => <span className="muted">{text.issues.times(row.met)}</span> },
  { key: 'at', head: text.issues.at, width: 'min', cell: (row) => <span className="muted"><RelativeTime bare at={row.at} /></span> },
  { key: 'state', head: text.issues.state, width: 'min', cell: (row) => (row.open ? <Pill tone="wait" shape="diamond">{text.issues.open}</Pill> : <Pill tone="go" shape="check">{text.issues.closed}</Pill>) },
];

/** Problems of earlier deployments and what was learnt. Searches as you type. */
export function Issues({ route }: { route: Route }) {
  const { view, product } = useDesk();
  const [words, setWords] = useState('');
  const [only, setOnly] = useState('');
  const [openOnly, setOpenOnly] = useState(false);
  const list = useAsk('issue_list', { product: only || null, text: words.trim(), open_only: openOnly }, { keep: true });
  const chosen = route.parts[0] ?? null;
  const draft = list.data?.drafts.find((each) => each.id === route.query.get('draft'));
  const back = () => go(href(['issues', chosen]), true);
  return (
    <Screen title={text.screens.issues} tools={<Button kind="primary" onClick={() => go(href(['issues'], { new: 'yes' }))}>{text.issues.record}</Button>}>
      <div className="toolbar">
        <div className="grow">
          <TextField label={text.issues.search} hideLabel type="search" placeholder={text.issues.searchFor} value={words} onChange={(event) => setWords(event.target.value)} />
        </div>
        <Checkbox label={text.issues.openOnly} checked={openOnly} onChange={(event) => setOpenOnly(event.target.checked)} />
        {view.products.length > 1 ? (
          <Select label={text.app.product} hideLabel value={only} choices={[{ value: '', label: text.app.allProducts }, ...view.products.map((each) => ({ value: each.id, label: each.name }))]} onChange={(event) => setOnly(event.target.value)} />
        ) : null}
      </div>
      <div className="body">
        <div className="pane">
          <Answer of={list}>
            {({ issues, drafts }) => (
              <>
                {drafts.map((each) => (
                  <DraftRow key={each.id} draft={each} />
                ))}
                {issues.length === 0 ? (
                  <EmptyState title={words ? text.issues.nothing(words) : text.issues.empty}>{words ? text.issues.nothingNext : text.issues.emptyNext}</EmptyState>
                ) : (
                  <Table label={text.screens.issues} rows={issues} rowKey={(row) => row.id} columns={columns} current={chosen} onCurrent={(row) => go(href(['issues', row.id]))} />
                )}
              </>
            )}
          </Answer>
        </div>
        {chosen ? <IssueSheet key={chosen} issue={chosen} onClose={() => go(href(['issues']))} /> : null}
      </div>
      {route.query.get('new') && product ? <ReportDialog product={product.id} onClose={back} /> : null}
      {draft ? <ReportDialog key={draft.id} product={draft.product} draft={draft} onClose={back} /> : null}
    </Screen>
  );
}

function DraftRow({ draft }: { draft: IssueDraft }) {
  const toast = useToast();
  const discard = useDo('draft_discard', (done) => toast({ message: done.said }));
  return (
    <div className="standing-line" data-tone="stop">
      <span>{text.issues.draft}</span>
      <span className="muted grow">
        {draft.title} · <RelativeTime at={draft.at} />
      </span>
      <Button size="small" kind="quiet" busy={discard.busy} onClick={() => discard.run({ draft: draft.id })}>
        {text.issues.discard}
      </Button>
      <Button size="small" onClick={() => go(href(['issues'], { draft: draft.id }))}>
        {text.issues.complete}
      </Button>
    </div>
  );
}
