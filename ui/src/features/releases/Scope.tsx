import { useDo } from '../../api/client';
import type { ReleaseView, ScopeRow } from '../../api/wire';
import { buildLook } from '../../app/looks';
import { href } from '../../app/router';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';

/** What goes out: one build a service, compared with what is live. */
export function Scope({ view, onSheet }: { view: ReleaseView; onSheet: (at: { build: string; stage: string }) => void }) {
  const toast = useToast();
  const choose = useDo('release_choose', (done) => toast({ message: done.said }));
  const pick = (row: ScopeRow, build: string) => {
    const others = view.scope.flatMap((each) => (each.service.id !== row.service.id && each.chosen ? [{ service: each.service.id, build: each.chosen.id }] : []));
    choose.run({ release: view.id, builds: build ? [...others, { service: row.service.id, build }] : others });
  };
  const columns: Column<ScopeRow>[] = [
    { key: 'service', head: text.line.service, width: 'min', cell: (row) => <a className="bare strong" href={href(['line', row.service.id])}>{row.service.name}</a> },
    {
      key: 'build',
      head: text.releases.chosen,
      cell: (row) =>
        view.compose.allowed ? (
          <Select
            label={text.releases.chooseFor(row.service.name)}
            hideLabel
            value={row.chosen?.id ?? ''}
            disabled={choose.busy}
            choices={[
              { value: '', label: text.releases.noBuild },
              ...row.choices.map((choice) => ({ value: choice.build.id, label: `${choice.build.label} – ${choice.place}` })),
              ...(row.chosen && !row.choices.some((choice) => choice.build.id === row.chosen?.id) ? [{ value: row.chosen.id, label: row.chosen.label }] : []),
            ]}
            onChange={(event) => pick(row, event.target.value)}
          />
        ) : (
          <span className="mono">{row.chosen?.label ?? text.releases.noBuild}</span>
        ),
    },
    { key: 'live', head: text.releases.live, width: 'min', cell: (row) => <span className="mono muted">{row.live?.label ?? text.state.nothing}</span> },
    { key: 'place', head: text.line.whereIs, cell: (row) => (row.chosen ? <Pill {...buildLook[row.state]}>{row.place}</Pill> : null) },
    { key: 'features', head: text.line.carries, optional: true, cell: (row) => <span className="muted">{row.features.join(', ')}</span> },
    {
      key: 'act',
      head: text.releases.next,
      width: 'min',
      cell: (row) => {
        const stage = row.next_stage;
        const build = row.chosen;
        return stage && build ? (
          <Button size="small" onClick={() => onSheet({ build: build.id, stage })} aria-label={text.releases.sheetOf(row.service.name, build.label)}>
            {text.releases.promote}
          </Button>
        ) : null;
      },
    },
  ];
  if (view.scope.length === 0) return <EmptyState title={text.releases.noServices}>{text.line.noServiceNext}</EmptyState>;
  return (
    <>
      <p className="pad muted">{view.finished ? text.releases.scopeFrozen : text.releases.scopeIntro}</p>
      <Table label={text.releases.parts.scope} rows={view.scope} rowKey={(row) => row.service.id} columns={columns} />
      {choose.busy ? <p className="pad faint" role="status">{text.state.recording}</p> : null}
      {choose.error ? (
        <div className="pad measure">
          <ErrorNotice error={choose.error} />
        </div>
      ) : null}
      {view.compose.allowed || view.finished ? null : (
        <div className="pad measure why">
          <Reasons reasons={view.compose.reasons} />
        </div>
      )}
    </>
  );
}
