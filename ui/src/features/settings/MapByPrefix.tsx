import { useState } from 'react';
import { useDo } from '../../api/client';
import type { BindingDryRow, BindingOutcome, ConnectionView } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { answerLook, noticeLook } from '../../app/looks';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, Select, TextField } from '../../components/Field';
import { Glyph } from '../../components/Glyph';
import { Notice } from '../../components/Notice';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { text } from '../../text';
import { mapOf } from './StageMapping';

/** Takes over every pipeline whose name begins alike: first a dry run, then those that were ticked. */
export function MapByPrefix({ connections, onClose }: { connections: readonly ConnectionView[]; onClose: () => void }) {
  const { view, product } = useDesk();
  const [connection, setConnection] = useState(connections[0]?.id ?? '');
  const [of, setOf] = useState(product?.id ?? '');
  const [prefix, setPrefix] = useState('');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const dry = useDo('binding_dry_run', () => setLeft(new Set()));
  const apply = useDo('binding_apply');
  const can = (row: BindingDryRow) => row.course === 'add' || row.course === 'bind';
  const chosen = dry.response?.rows.filter((row) => can(row) && !left.has(row.pipeline)) ?? [];
  // What was read holds for what was asked: another question needs another dry run.
  const changed = (set: (value: string) => void, value: string) => {
    set(value);
    dry.clear();
    apply.clear();
  };
  const look = () => {
    apply.clear();
    dry.run({ connection, product: of, prefix: prefix.trim() });
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={text.connections.map}
      intro={text.connections.mapIntro}
      footer={
        <>
          <Button onClick={onClose}>{apply.response ? text.act.close : text.act.cancel}</Button>
          {apply.response ? null : (
            <Button
              kind="primary"
              busy={apply.busy}
              disabled={chosen.length === 0 || dry.busy || !dry.response?.apply.allowed}
              onClick={() => apply.run({ connection, product: of, rows: chosen.map((row) => ({ pipeline: row.pipeline, service: row.service, stages: row.stages.map(mapOf) })) })}
            >
              {text.connections.mapDo(chosen.length)}
            </Button>
          )}
        </>
      }
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (connection !== '' && of !== '' && prefix.trim() !== '') look();
        }}
      >
        <div className="form-row">
          <Select label={text.connections.connection} value={connection} choices={connections.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => changed(setConnection, event.target.value)} />
          <Select label={text.app.product} value={of} choices={view.products.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => changed(setOf, event.target.value)} />
          <TextField label={text.connections.prefix} hint={text.connections.mapPrefixHint} value={prefix} onChange={(event) => changed(setPrefix, event.target.value)} />
        </div>
        <Button type="submit" className="start" busy={dry.busy} busyWord={text.connections.reading} disabled={connection === '' || of === '' || prefix.trim() === ''}>
          {text.connections.dryRun}
        </Button>
        {dry.error ? <ErrorNotice error={dry.error} /> : null}
        {apply.error ? <ErrorNotice error={apply.error} /> : null}
        {apply.response ? (
          <Outcomes rows={apply.response.rows} />
        ) : dry.response && !dry.busy ? (
          <>
            <p className="muted" role="status">
              {dry.response.rows.length === 0 ? text.connections.mapNothing : text.connections.mapFound(dry.response.rows.length)}
            </p>
            {dry.response.apply.allowed ? null : <Reasons reasons={dry.response.apply.reasons} />}
            {dry.response.more ? <Notice look={noticeLook.wait} title={text.connections.mapMore} /> : null}
            <ul className="list">
              {dry.response.rows.map((row) => (
                <Row key={row.pipeline} row={row} checked={can(row) && !left.has(row.pipeline)} disabled={!can(row)} onCheck={(on) => setLeft((before) => toggled(before, row.pipeline, !on))} />
              ))}
            </ul>
            {dry.response.near_misses.length > 0 ? (
              <section className="stack tight">
                <h3>{text.connections.nearMisses}</h3>
                {dry.response.near_misses.map((miss) => (
                  <p key={miss.name} className="selectable">
                    <span className="mono strong">{miss.name}</span> <span className="muted">{miss.why}</span>
                  </p>
                ))}
              </section>
            ) : null}
          </>
        ) : null}
      </form>
    </Dialog>
  );
}

function Row({ row, checked, disabled, onCheck }: { row: BindingDryRow; checked: boolean; disabled: boolean; onCheck: (on: boolean) => void }) {
  return (
    <li className="stack tight mapped">
      <div className="row wrap">
        <Checkbox label={<span className="mono strong">{row.name}</span>} checked={checked} disabled={disabled} onChange={(event) => onCheck(event.target.checked)} />
        <Pill tone={row.course === 'refused' ? 'stop' : 'idle'}>{text.connections.courses[row.course]}</Pill>
      </div>
      <p className="muted">{row.stages.map((stage) => text.connections.boundStage({ stage: stage.stage.name, way: stage.way, remote: stage.remote ?? '', gate: stage.gate })).join(' → ')}</p>
      {row.notices.map((notice) => (
        <p key={notice.title + notice.detail} className="gate-row" data-tone={noticeLook[notice.tone].tone}>
          <Glyph shape={noticeLook[notice.tone].shape} />
          <span>
            {notice.title} <span className="muted">{notice.detail}</span>
          </span>
        </p>
      ))}
    </li>
  );
}

function Outcomes({ rows }: { rows: readonly BindingOutcome[] }) {
  return (
    <ul className="list" role="status">
      {rows.map((row) => (
        <li key={row.pipeline} className="gate-row mapped" data-tone={row.done ? 'go' : 'stop'}>
          <Glyph shape={answerLook(row.done).shape} />
          <span className="grow">
            <span className="mono strong">{row.service}</span> {row.said}
            <Reasons reasons={row.reasons} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function toggled(set: ReadonlySet<string>, value: string, on: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (on) next.add(value);
  else next.delete(value);
  return next;
}
