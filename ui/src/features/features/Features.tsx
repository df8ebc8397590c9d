import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { FeatureRow } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { answerLook, featureLook } from '../../app/looks';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextField } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';
import { FeatureSheet } from './FeatureSheet';
import { FromTracker } from './FromTracker';

const columns: Column<FeatureRow>[] = [
  { key: 'key', head: text.features.key, width: 'min', cell: (row) => <span className="mono strong">{row.key}</span> },
  { key: 'title', head: text.features.feature, cell: (row) => row.title },
  { key: 'state', head: text.features.state, cell: (row) => <Pill {...featureLook[row.state]}>{row.word}</Pill> },
  { key: 'since', head: text.features.since, width: 'min', cell: (row) => <span className="muted"><RelativeTime bare at={row.since} /></span> },
  { key: 'build', head: text.features.build, optional: true, cell: (row) => (row.build ? <span><span className="mono">{row.build.label}</span> <span className="muted">{row.place}</span></span> : null) },
  { key: 'signed', head: text.features.signed, width: 'min', optional: true, cell: (row) => (row.build ? <Pill {...answerLook(row.signed_off)}>{text.features.answer(row.signed_off)}</Pill> : null) },
  { key: 'waiting', head: text.features.waitingFor, cell: (row) => <span className="muted">{row.waiting_for}</span> },
];

/** One search box: where is it, since when, in which build, waiting for what. */
export function Features({ route }: { route: Route }) {
  const { view, product } = useDesk();
  const [words, setWords] = useState(route.query.get('text') ?? '');
  const [only, setOnly] = useState('');
  const list = useAsk('feature_list', { text: words.trim(), product: only || null }, { keep: true });
  const chosen = route.parts[0] ?? null;
  const build = route.query.get('build');
  const [taking, setTaking] = useState(false);
  const closeNew = () => go(href(['features', chosen]), true);
  return (
    <Screen title={text.screens.features} tools={<><Button onClick={() => setTaking(true)}>{text.tracker.from}</Button><Button kind="primary" onClick={() => go(href(['features'], { new: 'yes' }))}>{text.features.request}</Button></>}>
      <div className="toolbar">
        <div className="grow">
          <TextField label={text.features.search} hideLabel type="search" placeholder={text.features.searchFor} value={words} onChange={(event) => setWords(event.target.value)} />
        </div>
        {view.products.length > 1 ? (
          <Select label={text.app.product} hideLabel value={only} choices={[{ value: '', label: text.app.allProducts }, ...view.products.map((each) => ({ value: each.id, label: each.name }))]} onChange={(event) => setOnly(event.target.value)} />
        ) : null}
      </div>
      <div className="body">
        <div className="pane">
          <Answer of={list}>
            {({ features }) =>
              features.length === 0 ? (
                <EmptyState title={words ? text.features.nothing(words) : text.features.empty}>{words ? text.features.nothingNext : text.features.emptyNext}</EmptyState>
              ) : (
                <Table label={text.screens.features} rows={features} rowKey={(row) => row.key} columns={columns} current={chosen} onCurrent={(row) => go(href(['features', row.key]))} />
              )
            }
          </Answer>
        </div>
        {chosen ? <FeatureSheet key={`${chosen}:${build ?? ''}`} feature={chosen} build={build} onClose={() => go(href(['features']))} onBuild={(next) => go(href(['features', chosen], { build: next }))} /> : null}
      </div>
      {taking ? <FromTracker onClose={() => setTaking(false)} /> : null}
      {route.query.get('new') && product ? <RequestFeature onClose={closeNew} product={product.id} /> : null}
    </Screen>
  );
}

function RequestFeature({ onClose, product }: { onClose: () => void; product: string }) {
  const { view } = useDesk();
  const toast = useToast();
  const [key, setKey] = useState('');
  const [title, setTitle] = useState('');
  const [of, setOf] = useState(product);
  const request = useDo('feature_request', (done) => {
    toast({ message: done.said });
    go(href(['features', key.trim()]), true);
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.features.request}
      intro={text.features.requestIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" type="submit" form="request-feature" busy={request.busy} disabled={key.trim() === '' || title.trim() === ''}>
            {text.features.requestDo}
          </Button>
        </>
      }
    >
      <form
        id="request-feature"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          request.run({ product: of, key: key.trim(), title: title.trim() });
        }}
      >
        {view.products.length > 1 ? <Select label={text.app.product} value={of} choices={view.products.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => setOf(event.target.value)} /> : null}
        <TextField label={text.features.key} hint={text.features.keyHint} required value={key} onChange={(event) => setKey(event.target.value)} />
        <TextField label={text.features.title} required value={title} onChange={(event) => setTitle(event.target.value)} />
        {request.error ? <ErrorNotice error={request.error} /> : null}
      </form>
    </Dialog>
  );
}
