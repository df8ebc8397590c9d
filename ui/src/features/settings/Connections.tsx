import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { ActState, BindingView, ConnectionRole, Connections as ConnectionsView, ConnectionView } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextField } from '../../components/Field';
import { Reasons } from '../../components/Reasons';
import { text } from '../../text';
import { AddConnection } from './AddConnection';
import { Bind } from './Bind';
import { ConnectionCard } from './ConnectionCard';
import { MapByPrefix } from './MapByPrefix';

/** Connections to remote systems, and how each service is bound to its pipeline. */
export function Connections() {
  const list = useAsk('connection_list', {});
  const [adding, setAdding] = useState<ConnectionRole | null>(null);
  return (
    <Answer of={list}>
      {(known) => {
        const of = (role: ConnectionRole) => known.connections.filter((each) => each.role === role);
        return (
          <div className="pad stack loose">
            {known.add.allowed ? null : (
              <div className="why">
                <Reasons reasons={known.add.reasons} />
              </div>
            )}
            <Section serves="pipelines" connections={of('pipelines')} add={known.add} onAdd={() => setAdding('pipelines')} />
            <Services view={known} pipelines={of('pipelines')} />
            <Section serves="tracker" connections={of('tracker')} add={known.add} onAdd={() => setAdding('tracker')} />
            {adding ? <AddConnection serves={adding} onClose={() => setAdding(null)} /> : null}
          </div>
        );
      }}
    </Answer>
  );
}

function Section({ serves, connections, add, onAdd }: { serves: ConnectionRole; connections: readonly ConnectionView[]; add: ActState; onAdd: () => void }) {
  const button = (
    <Button kind={connections.length === 0 ? 'primary' : 'plain'} disabled={!add.allowed} onClick={onAdd}>
      {text.connections.addOf[serves]}
    </Button>
  );
  return (
    <section className="stack">
      <div className="row wrap between">
        <div>
          <h2>{text.connections.sections[serves]}</h2>
          <p className="muted">{text.connections.introOf[serves]}</p>
        </div>
        {connections.length > 0 ? button : null}
      </div>
      {connections.length === 0 ? (
        <EmptyState title={text.connections.emptyOf[serves]} action={button}>
          {text.connections.emptyNextOf[serves]}
        </EmptyState>
      ) : null}
      {connections.map((connection) => (
        <ConnectionCard key={connection.id} connection={connection} />
      ))}
    </section>
  );
}

function Services({ view, pipelines }: { view: ConnectionsView; pipelines: readonly ConnectionView[] }) {
  const [binding, setBinding] = useState<BindingView | null>(null);
  const [adds, setAdds] = useState(false);
  const [maps, setMaps] = useState(false);
  const may = view.add.allowed;
  return (
    <section className="stack">
      <div className="row wrap between">
        <h2>{text.connections.services}</h2>
        <span className="row wrap">
          <Button disabled={!may || pipelines.length === 0} onClick={() => setMaps(true)}>
            {text.connections.map}
          </Button>
          <Button disabled={!may} onClick={() => setAdds(true)}>
            {text.connections.addService}
          </Button>
        </span>
      </div>
      <ul className="list card flush">
        {view.bindings.map((each) => (
          <li key={each.service.id} className="binding">
            <span className="strong">{each.service.name}</span>
            <span className="muted">{each.connection ? `${view.connections.find((connection) => connection.id === each.connection)?.name ?? ''} · ${each.pipeline}` : text.connections.unbound}</span>
            <span className="faint wrap-anywhere">{each.stages.map(text.connections.boundStage).join(' → ')}</span>
            <Button size="small" disabled={!may || pipelines.length === 0} aria-label={text.connections.bindThis(each.service.name)} onClick={() => setBinding(each)}>
              {text.connections.bind}
            </Button>
          </li>
        ))}
      </ul>
      {binding ? <Bind binding={binding} connections={pipelines} onClose={() => setBinding(null)} /> : null}
      {adds ? <AddService onClose={() => setAdds(false)} /> : null}
      {maps ? <MapByPrefix connections={pipelines} onClose={() => setMaps(false)} /> : null}
    </section>
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
