import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { ConnectionView, TrackerFeatureView, TrackerOutcome } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { answerLook } from '../../app/looks';
import { go, href } from '../../app/router';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, Select, TextField } from '../../components/Field';
import { Glyph } from '../../components/Glyph';
import { Reasons } from '../../components/Reasons';
import { text } from '../../text';

/** Takes the features of a version over from the tracker: what is known already is skipped. */
export function FromTracker({ onClose }: { onClose: () => void }) {
  const list = useAsk('connection_list', {});
  return (
    <Answer of={list}>
      {(known) => {
        const trackers = known.connections.filter((each) => each.role === 'tracker');
        return trackers.length === 0 ? <NoTracker onClose={onClose} /> : <Take trackers={trackers} onClose={onClose} />;
      }}
    </Answer>
  );
}

function NoTracker({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title={text.tracker.from} footer={<Button onClick={onClose}>{text.act.close}</Button>}>
      <EmptyState title={text.connections.emptyOf.tracker} action={<Button kind="primary" onClick={() => go(href(['settings', 'connections']))}>{text.tracker.connect}</Button>}>
        {text.connections.emptyNextOf.tracker}
      </EmptyState>
    </Dialog>
  );
}

function Take({ trackers, onClose }: { trackers: readonly ConnectionView[]; onClose: () => void }) {
  const { view, product } = useDesk();
  const [connection, setConnection] = useState(trackers[0]?.id ?? '');
  const [of, setOf] = useState(product?.id ?? '');
  const [project, setProject] = useState('');
  const [version, setVersion] = useState('');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const versions = useDo('tracker_versions', (found) => setVersion(found.versions.find((each) => !each.released)?.name ?? found.versions[0]?.name ?? ''));
  const look = useDo('tracker_look', () => setLeft(new Set()));
  const take = useDo('tracker_import');
  const open = look.response?.features.filter((each) => !each.known) ?? [];
  const chosen = open.filter((each) => !left.has(each.key));
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={text.tracker.from}
      intro={text.tracker.intro}
      footer={
        <>
          <Button onClick={onClose}>{take.response ? text.act.close : text.act.cancel}</Button>
          {take.response ? null : (
            <Button kind="primary" busy={take.busy} disabled={chosen.length === 0 || of === ''} onClick={() => take.run({ connection, product: of, keys: chosen.map((each) => each.key), dry_run: false })}>
              {text.tracker.take(chosen.length)}
            </Button>
          )}
        </>
      }
    >
      {take.response ? (
        <Outcomes rows={take.response.rows} />
      ) : (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (versions.response) look.run({ connection, project: project.trim(), version });
            else versions.run({ connection, project: project.trim() });
          }}
        >
          <div className="form-row">
            {trackers.length > 1 ? <Select label={text.tracker.tracker} value={connection} choices={trackers.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => setConnection(event.target.value)} /> : null}
            <TextField
              label={text.tracker.project}
              hint={text.tracker.projectHint}
              value={project}
              onChange={(event) => {
                setProject(event.target.value);
                versions.clear();
                look.clear();
              }}
            />
            {versions.response && versions.response.versions.length > 0 ? (
              <Select label={text.tracker.version} value={version} choices={versions.response.versions.map((each) => ({ value: each.name, label: each.released ? `${each.name} (${text.tracker.released})` : each.name }))} onChange={(event) => setVersion(event.target.value)} />
            ) : null}
            <Select label={text.app.product} value={of} choices={view.products.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => setOf(event.target.value)} />
          </div>
          <Button type="submit" className="start" busy={versions.busy || look.busy} busyWord={text.connections.reading} disabled={project.trim() === '' || (versions.response !== null && version === '')}>
            {versions.response ? text.tracker.look : text.tracker.versions}
          </Button>
          {versions.error ? <ErrorNotice error={versions.error} /> : null}
          {versions.response?.versions.length === 0 ? <p className="muted">{text.tracker.noVersions}</p> : null}
          {look.error ? <ErrorNotice error={look.error} /> : null}
          {take.error ? <ErrorNotice error={take.error} /> : null}
          {look.response && !look.busy ? (
            <>
              <p className="muted" role="status">
                {text.tracker.found(look.response.features.length, open.length)}
              </p>
              {look.response.more ? <p className="muted">{text.tracker.more}</p> : null}
              <ul className="list">
                {look.response.features.map((each) => (
                  <Row key={each.key} of={each} checked={!each.known && !left.has(each.key)} onCheck={(on) => setLeft((before) => new Set(on ? [...before].filter((key) => key !== each.key) : [...before, each.key]))} />
                ))}
              </ul>
            </>
          ) : null}
        </form>
      )}
    </Dialog>
  );
}

function Row({ of, checked, onCheck }: { of: TrackerFeatureView; checked: boolean; onCheck: (on: boolean) => void }) {
  return (
    <li className="row wrap mapped">
      <Checkbox
        label={
          <>
            <span className="mono strong">{of.key}</span> {of.title}
          </>
        }
        checked={checked}
        disabled={of.known}
        onChange={(event) => onCheck(event.target.checked)}
      />
      <span className="push muted">{of.known ? text.tracker.known : of.status}</span>
    </li>
  );
}

function Outcomes({ rows }: { rows: readonly TrackerOutcome[] }) {
  return (
    <ul className="list" role="status">
      {rows.map((row) => (
        <li key={row.key} className="gate-row mapped" data-tone={row.course === 'refused' || row.course === 'absent' ? 'stop' : 'go'}>
          <Glyph shape={answerLook(row.course === 'taken' || row.course === 'known').shape} />
          <span className="grow">
            <span className="mono strong">{row.key}</span> {row.title} <span className="muted">{row.said}</span>
            <Reasons reasons={row.reasons} />
          </span>
        </li>
      ))}
    </ul>
  );
}
