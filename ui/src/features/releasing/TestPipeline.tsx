import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { ConnectionView, ReleasingView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Blocked } from '../../components/Blocked';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextField } from '../../components/Field';
import { href } from '../../app/router';
import { text } from '../../text';

/** Which pipeline carries the product's tests out. */
export function TestPipeline({ view }: { view: ReleasingView }) {
  const [binding, setBinding] = useState(false);
  const bound = view.test_pipeline;
  return (
    <section className="card stack">
      <div className="row wrap between">
        <h2>{text.productTest.pipeline}</h2>
        <Button disabled={!view.bind_test.allowed} onClick={() => setBinding(true)}>
          {text.productTest.bind}
        </Button>
      </div>
      {bound ? (
        <p className="wrap-anywhere">
          <code className="strong">{bound.pipeline}</code> <span className="muted">{bound.connection_name}</span>
        </p>
      ) : (
        <p>{text.productTest.noPipeline}</p>
      )}
      <p className="muted">{text.productTest.pipelineMeans}</p>
      <Blocked act={view.bind_test} />
      {binding ? <Choose view={view} onClose={() => setBinding(false)} /> : null}
    </section>
  );
}

function Choose({ view, onClose }: { view: ReleasingView; onClose: () => void }) {
  const list = useAsk('connection_list', {});
  const toast = useToast();
  const bound = view.test_pipeline;
  const [choice, setChoice] = useState<{ connection: string; pipeline: string } | null>(null);
  const bind = useDo('product_test_bind', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.productTest.bindTitle}
      intro={text.productTest.bindIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          {bound ? (
            <Button busy={bind.busy} onClick={() => bind.run({ product: view.product, binding: null })}>
              {text.productTest.unbind}
            </Button>
          ) : null}
          <Button kind="primary" busy={bind.busy} disabled={!choice} onClick={() => choice && bind.run({ product: view.product, binding: choice })}>
            {text.productTest.bindDo}
          </Button>
        </>
      }
    >
      <div className="form">
        <Answer of={list}>
          {({ connections }) => {
            const pipelines = connections.filter((each) => each.role === 'pipelines');
            return pipelines.length === 0 ? (
              <EmptyState
                title={text.connections.emptyOf.pipelines}
                action={
                  <a className="btn" href={href(['settings', 'connections'])}>
                    {text.tracker.connect}
                  </a>
                }
              >
                {text.productTest.pipelineMeans}
              </EmptyState>
            ) : (
              <Pipelines connections={pipelines} bound={bound} onChoose={setChoice} />
            );
          }}
        </Answer>
        {bind.error ? <ErrorNotice error={bind.error} /> : null}
      </div>
    </Dialog>
  );
}

/** Stands for a name that is typed; no pipeline can be called so. */
const OTHER = '\u0000';

interface PipelinesProps {
  connections: readonly ConnectionView[];
  bound: ReleasingView['test_pipeline'];
  onChoose: (choice: { connection: string; pipeline: string } | null) => void;
}

function Pipelines({ connections, bound, onChoose }: PipelinesProps) {
  const [connection, setConnection] = useState(bound?.connection ?? connections[0]?.id ?? '');
  const [pipeline, setPipeline] = useState(bound?.pipeline ?? '');
  const [prefix, setPrefix] = useState('');
  const found = useAsk('connection_test', { connection, kind: null, address: null, typed_host: null, secret: null, prefix: prefix || null }, { when: connection !== '' });
  const there = found.data?.pipelines.map((each) => ({ value: each.id, label: each.name })) ?? [];
  // What is bound stays on the list where the system shows only a part of its pipelines.
  const known = pipeline === '' || there.some((each) => each.value === pipeline) ? there : [{ value: pipeline, label: pipeline }, ...there];
  const [other, setOther] = useState(false);
  const choose = (of: string, name: string) => {
    setPipeline(name);
    onChoose(of !== '' && name !== '' ? { connection: of, pipeline: name } : null);
  };
  return (
    <>
      <Select
        label={text.connections.connection}
        value={connection}
        choices={connections.map((each) => ({ value: each.id, label: each.name }))}
        onChange={(event) => {
          setConnection(event.target.value);
          setOther(false);
          choose(event.target.value, '');
        }}
      />
      <Select
        label={text.connections.pipeline}
        value={other ? OTHER : pipeline}
        hint={found.isFetching ? text.connections.testing : there.length === 0 && !found.error ? text.connections.noPipelines : undefined}
        choices={[{ value: '', label: text.state.none }, ...known, { value: OTHER, label: text.productTest.otherName }]}
        onChange={(event) => {
          const named = event.target.value === OTHER;
          setOther(named);
          choose(connection, named ? '' : event.target.value);
        }}
      />
      {other ? <TextField label={text.productTest.nameThere} hint={text.productTest.nameThereHint} required value={pipeline} onChange={(event) => choose(connection, event.target.value.trim())} /> : null}
      {found.data?.more || prefix ? <TextField label={text.connections.prefix} hint={text.connections.prefixHint} value={prefix} onChange={(event) => setPrefix(event.target.value)} /> : null}
      {found.error ? <ErrorNotice error={found.error} onRetry={() => void found.refetch()} /> : null}
    </>
  );
}
