import { useState } from 'react';
import { useAsk } from '../../api/client';
import type { ReleaseRow } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { Select } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Progress } from '../../components/Progress';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';
import { dateTime } from '../../text/time';
import { PlanRelease } from './PlanRelease';
import { Room } from './Room';
import { RunMode } from './RunMode';

/** Releases: the list, a release's room, and its run mode. */
export function Releases({ route }: { route: Route }) {
  const [release, mode] = route.parts;
  if (release && mode === 'run') return <RunMode key={release} release={release} />;
  if (release) return <Room key={release} release={release} route={route} />;
  return <List planning={route.query.get('new') !== null} />;
}

const columns: Column<ReleaseRow>[] = [
  { key: 'name', head: text.releases.name, cell: (row) => <a href={href(['releases', row.id])} className="bare strong">{row.name}</a> },
  { key: 'product', head: text.app.product, optional: true, cell: (row) => <span className="muted">{row.product_name}</span> },
  { key: 'builds', head: text.releases.builds, optional: true, cell: (row) => <span className="muted">{row.builds.map((build) => `${build.service_name} ${build.label}`).join(', ')}</span> },
  { key: 'planned', head: text.releases.planned, width: 'min', cell: (row) => (row.planned ? <span className="nowrap">{dateTime(row.planned)}</span> : <span className="faint">{text.releases.notPlanned}</span>) },
  { key: 'plan', head: text.releases.sections, width: 'min', optional: true, cell: (row) => <span className="muted nowrap">{text.releases.of(row.sections_done, 10)}</span> },
  { key: 'steps', head: text.releases.steps, width: 'narrow', cell: (row) => <Progress done={row.steps_done} of={row.steps} label={text.releases.stepsDone} words={text.releases.of(row.steps_done, row.steps)} /> },
  { key: 'state', head: text.releases.state, width: 'min', cell: (row) => <ReleaseState row={row} /> },
];

export function ReleaseState({ row }: { row: Pick<ReleaseRow, 'finished' | 'open_points' | 'no_go'> }) {
  if (row.finished) return <Pill tone="go" shape="check">{text.releases.finished}</Pill>;
  if (row.no_go > 0) return <Pill tone="stop" shape="square">{text.releases.noGo}</Pill>;
  if (row.open_points > 0) return <Pill tone="wait" shape="diamond">{text.releases.openPoints(row.open_points)}</Pill>;
  return <Pill tone="go" shape="check">{text.releases.complete}</Pill>;
}

function List({ planning }: { planning: boolean }) {
  const { view, product } = useDesk();
  const [only, setOnly] = useState('');
  const [at, setAt] = useState<string | null>(null);
  const list = useAsk('release_list', { product: only || null });
  const plan = <Button kind="primary" onClick={() => go(href(['releases'], { new: 'yes' }))}>{text.releases.plan}</Button>;
  return (
    <Screen
      title={text.screens.releases}
      tools={
        <>
          {plan}
          {product ? (
            <a className="btn" href={href(['releasing', product.id])}>
              {text.releasing.title(product.name)}
            </a>
          ) : null}
        </>
      }
    >
      {view.products.length > 1 ? (
        <div className="toolbar">
          <Select label={text.app.product} hideLabel value={only} choices={[{ value: '', label: text.app.allProducts }, ...view.products.map((each) => ({ value: each.id, label: each.name }))]} onChange={(event) => setOnly(event.target.value)} />
        </div>
      ) : null}
      <div className="body">
        <div className="pane">
          <Answer of={list}>
            {({ releases }) =>
              releases.length === 0 ? (
                <EmptyState title={text.releases.empty} action={plan}>
                  {text.releases.emptyNext}
                </EmptyState>
              ) : (
                <Table label={text.screens.releases} rows={releases} rowKey={(row) => row.id} columns={columns} current={at} onCurrent={(row) => setAt(row.id)} onOpen={(row) => go(href(['releases', row.id]))} openOnClick />
              )
            }
          </Answer>
        </div>
      </div>
      {/* The release to begin from is offered once the earlier ones are known. */}
      {planning && product && list.data ? <PlanRelease product={product.id} earlier={list.data.releases} onClose={() => go(href(['releases']), true)} /> : null}
    </Screen>
  );
}
