import { useState } from 'react';
import { useAsk, useDo, useHost } from '../../api/client';
import type { BindingView, Connections as ConnectionsView, ConnectionView } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextField } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { text } from '../../text';
import { TestResult } from './TestResult';

/** Connections to pipeline systems, and which service is bound to which pipeline. */
export function Connections() {
  const list = useAsk('connection_list', {});
  const [adding, setAdding] = useState(false);
  const [binding, setBinding] = useState<BindingView | null>(null);
  const [adds, setAdds] = useState(false);
  return (
    <Answer of={list}>
      {(known) => (
        <div className="pad stack loose">
          <div className="row wrap between">
            <p className="muted">{text.connections.intro}</p>
            <Button kind="primary" disabled={!known.add.allowed} onClick={() => setAdding(true)}>
              {text.connections.add}
            </Button>
          </div>
          {known.add.allowed ? null : (
            <div className="why">
              <Reasons reasons={known.add.reasons} />
            </div>
          )}
          {known.connections.length === 0 ? <EmptyState title={text.connections.empty}>{text.connections.emptyNext}</EmptyState> : null}
          {known.connections.map((connection) => (
            <ConnectionCard key={connection.id} connection={connection} />
          ))}
          <section className="stack">
            <div className="row wrap between">
              <h2>{text.connections.services}</h2>
              <Button disabled={!known.add.allowed} onClick={() => setAdds(true)}>
                {text.connections.addService}
              </Button>
            </div>
            <ul className="list card flush">
              {known.bindings.map((each) => (
                <li key={each.service.id} className="binding">
                  <span className="strong">{each.service.name}</span>
                  <span className="muted">
                    {each.connection ? `${known.connections.find((connection) => connection.id === each.connection)?.name ?? ''} · ${each.pipeline}` : text.connections.unbound}
                  </span>
                  <span className="faint ellipsis">{each.stages.join(' → ')}</span>
                  <Button size="small" disabled={!known.add.allowed || known.connections.length === 0} aria-label={text.connections.bindThis(each.service.name)} onClick={() => setBinding(each)}>
                    {text.connections.bind}
                  </Button>
                </li>
              ))}
            </ul>
          </section>
          {adding ? <Add onClose={() => setAdding(false)} /> : null}
          {binding ? <Bind binding={binding} view={known} onClose={() => setBinding(null)} /> : null}
          {adds ? <AddService onClose={() => setAdds(false)} /> : null}
        </div>
      )}
    </Answer>
  );
}

function ConnectionCard({ connection }: { connection: ConnectionView }) {
  const host = useHost();
  const toast = useToast();
  const test = useDo('connection_test');
  const move = useDo('connection_address', (done) => toast({ message: done.said }));
  const point = async () => {
    const address = await host.openFolderDialog(text.connections.folder);
    if (address) move.run({ connection: connection.id, address });
  };
  return (
    <article className="card stack">
      <div className="row wrap">
        <h2>{connection.name}</h2>
        <Pill>{connection.kind}</Pill>
        <span className="push row wrap">
          {connection.kind === 'local' ? (
            <Button busy={move.busy} onClick={() => void point()}>
              {text.connections.move}
            </Button>
          ) : null}
          <Button busy={test.busy} busyWord={text.connections.testing} onClick={() => test.run({ connection: connection.id, kind: null, address: null })}>
            {text.connections.test}
          </Button>
        </span>
      </div>
      <code className="selectable wrap-anywhere muted">{connection.address ?? text.connections.noAddress}</code>
      {connection.services.length > 0 ? <p className="muted">{text.connections.serves(connection.services.join(', '))}</p> : null}
      {move.error ? <ErrorNotice error={move.error} /> : null}
      {test.error ? <ErrorNotice error={test.error} /> : null}
      {test.response ? <TestResult found={test.response} /> : null}
    </article>
  );
}

/** A folder with its button for the native dialog; typing a path works, too. */
export function FolderField({ value, onChange, hint }: { value: string; onChange: (folder: string) => void; hint?: string }) {
  const host = useHost();
  return (
    <div className="folder">
      <TextField label={text.connections.folder} value={value} hint={hint} onChange={(event) => onChange(event.target.value)} />
      <Button
        onClick={() => {
          void host.openFolderDialog(text.connections.folder).then((folder) => (folder ? onChange(folder) : undefined));
        }}
      >
        {text.connections.choose}
      </Button>
    </div>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const toast = useToast();
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const test = useDo('connection_test');
  const add = useDo('connection_add', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.connections.add}
      intro={text.connections.addIntro}
      footer={
        <>
          <Button busy={test.busy} busyWord={text.connections.testing} disabled={address.trim() === ''} onClick={() => test.run({ connection: null, kind: 'local', address: address.trim() })}>
            {text.connections.test}
          </Button>
          <Button kind="primary" busy={add.busy} disabled={name.trim() === '' || address.trim() === ''} onClick={() => add.run({ kind: 'local', name: name.trim(), address: address.trim() })}>
            {text.connections.addDo}
          </Button>
        </>
      }
    >
      <div className="form">
        <TextField label={text.connections.name} required value={name} onChange={(event) => setName(event.target.value)} />
        <FolderField value={address} onChange={setAddress} hint={text.connections.folderHint} />
        {test.error ? <ErrorNotice error={test.error} /> : null}
        {test.response ? <TestResult found={test.response} /> : null}
        {add.error ? <ErrorNotice error={add.error} /> : null}
      </div>
    </Dialog>
  );
}

function Bind({ binding, view, onClose }: { binding: BindingView; view: ConnectionsView; onClose: () => void }) {
  const toast = useToast();
  const [connection, setConnection] = useState(binding.connection ?? view.connections[0]?.id ?? '');
  const [pipeline, setPipeline] = useState(binding.pipeline);
  const found = useAsk('connection_test', { connection, kind: null, address: null }, { when: connection !== '' });
  const pipelines = found.data?.pipelines ?? [];
  const chosen = pipelines.some((each) => each.name === pipeline) ? pipeline : (pipelines[0]?.name ?? '');
  const bind = useDo('service_bind', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.connections.bindOf(binding.service.name)}
      intro={text.connections.bindIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" busy={bind.busy} disabled={chosen === ''} onClick={() => bind.run({ service: binding.service.id, connection, pipeline: chosen })}>
            {text.connections.bind}
          </Button>
        </>
      }
    >
      <div className="form">
        <Select label={text.connections.connection} value={connection} choices={view.connections.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => setConnection(event.target.value)} />
        <Select
          label={text.connections.pipeline}
          value={chosen}
          disabled={pipelines.length === 0}
          hint={found.isFetching ? text.connections.testing : pipelines.length === 0 ? text.connections.noPipelines : undefined}
          choices={pipelines.map((each) => ({ value: each.name, label: `${each.name} (${each.stages.join(', ')})` }))}
          onChange={(event) => setPipeline(event.target.value)}
        />
        {found.error ? <ErrorNotice error={found.error} /> : null}
        {bind.error ? <ErrorNotice error={bind.error} /> : null}
      </div>
    </Dialog>
  );
}

function AddService({ onClose }: { onClose: () => void }) {
  const { view, product } = useDesk();
  const toast = useToast();
  const [of, setOf] = useState(product?.id ?? '');
  const [name, setName] = useState('');
  const add = useDo('service_add', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.connections.addService}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" busy={add.busy} disabled={name.trim() === '' || of === ''} onClick={() => add.run({ product: of, name: name.trim() })}>
            {text.connections.addService}
          </Button>
        </>
      }
    >
      <div className="form">
        <Select label={text.app.product} value={of} choices={view.products.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => setOf(event.target.value)} />
        <TextField label={text.line.service} required value={name} onChange={(event) => setName(event.target.value)} />
        {add.error ? <ErrorNotice error={add.error} /> : null}
      </div>
    </Dialog>
  );
}
