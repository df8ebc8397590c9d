import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { BindingSuggestion, BindingView, ConnectionView, StageMap } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextField } from '../../components/Field';
import { text } from '../../text';
import { StageMapping, mapOf } from './StageMapping';

/** Binds one service: the connection, the pipeline there, and how each stage is bound. */
export function Bind({ binding, connections, onClose }: { binding: BindingView; connections: readonly ConnectionView[]; onClose: () => void }) {
  const toast = useToast();
  const [connection, setConnection] = useState(binding.connection ?? connections[0]?.id ?? '');
  const [pipeline, setPipeline] = useState(binding.pipeline);
  const [prefix, setPrefix] = useState('');
  const [stages, setStages] = useState<{ of: string; stages: StageMap[] } | null>(null);
  const found = useAsk('connection_test', { connection, kind: null, address: null, typed_host: null, secret: null, prefix: prefix || null }, { when: connection !== '', keep: true });
  const pipelines = found.data?.pipelines ?? [];
  const listed = pipelines.some((each) => each.id === pipeline);
  // What is bound stays chosen where the system shows only a part of its pipelines.
  const kept = !listed && found.data?.more === true && pipeline !== '' && connection === binding.connection && pipeline === binding.pipeline;
  const chosen = listed || kept ? pipeline : (pipelines[0]?.id ?? '');
  const suggestion = useAsk('binding_suggest', { connection, pipeline: chosen, service: binding.service.id }, { when: chosen !== '' });
  const of = `${connection} ${chosen}`;
  const bind = useDo('service_bind', (done) => {
    toast({ message: done.said });
    onClose();
  });
  const suggested = suggestion.data?.pipeline === chosen ? suggestion.data : null;
  const mapping = suggested ? (stages?.of === of ? stages.stages : startOf(suggested, binding, connection, chosen)) : null;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={text.connections.bindOf(binding.service.name)}
      intro={text.connections.bindIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" busy={bind.busy} disabled={mapping === null} onClick={() => mapping && bind.run({ service: binding.service.id, connection, pipeline: chosen, stages: mapping })}>
            {text.connections.bindDo}
          </Button>
        </>
      }
    >
      <div className="form">
        <div className="form-row">
          <Select label={text.connections.connection} value={connection} choices={connections.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => setConnection(event.target.value)} />
          <Select
            label={text.connections.pipeline}
            value={chosen}
            disabled={pipelines.length === 0}
            hint={found.isFetching ? text.connections.testing : pipelines.length === 0 ? text.connections.noPipelines : undefined}
            choices={[...(kept ? [{ value: pipeline, label: pipeline }] : []), ...pipelines.map((each) => ({ value: each.id, label: each.name }))]}
            onChange={(event) => setPipeline(event.target.value)}
          />
        </div>
        {found.data?.more || prefix ? <TextField label={text.connections.prefix} hint={text.connections.prefixHint} value={prefix} onChange={(event) => setPrefix(event.target.value)} /> : null}
        {found.error ? <ErrorNotice error={found.error} /> : null}
        {suggestion.error ? <ErrorNotice error={suggestion.error} onRetry={() => void suggestion.refetch()} /> : null}
        {chosen !== '' && suggestion.isFetching && !suggested ? <p className="muted">{text.connections.reading}</p> : null}
        {suggested && mapping ? (
          <>
            <StageMapping suggested={suggested.stages} remote={suggested.remote} canDrive={suggested.can_drive} listsGates={suggested.lists_gates} stages={mapping} onChange={(next) => setStages({ of, stages: next })} />
            <p className="field-hint">{text.connections.waysMean}</p>
            {suggested.can_drive ? null : <p className="field-hint">{text.connections.cannotDrive(suggested.cannot_drive)}</p>}
          </>
        ) : null}
        {bind.error ? <ErrorNotice error={bind.error} /> : null}
      </div>
    </Dialog>
  );
}

/** The mapping that is in the ledger where it is of this pipeline; otherwise the suggested one. */
function startOf(suggestion: BindingSuggestion, binding: BindingView, connection: string, pipeline: string): StageMap[] {
  const known = binding.connection === connection && binding.pipeline === pipeline;
  return suggestion.stages.map((row) => {
    if (!known) return mapOf(row);
    const bound = binding.stages.find((each) => each.stage === row.stage.key);
    return bound ? { stage: bound.stage, way: bound.way, remote: bound.remote, gate: bound.gate } : { stage: row.stage.key, way: 'by_hand', remote: null, gate: null };
  });
}
