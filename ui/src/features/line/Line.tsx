import { useEffect, useState } from 'react';
import { useActions } from '../../app/actions';
import { serviceOf, useDesk } from '../../app/desk';
import { noticeLook } from '../../app/looks';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { useToast } from '../../app/toasts';
import { useAsk, useDo } from '../../api/client';
import type { LineView } from '../../api/wire';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { Glyph } from '../../components/Glyph';
import { Pill } from '../../components/Pill';
import { Segmented } from '../../components/Segmented';
import { text } from '../../text';
import { Track } from '../../components/track/Track';
import { PacketSheet } from '../packet/PacketSheet';
import { BuildSheet } from './BuildSheet';
import { BuildTable } from './BuildTable';
import { RecordBuild } from './RecordBuild';
import { StageSheet } from './StageSheet';
import { StageTable } from './StageTable';
import { WhereTable } from './WhereTable';
import { trackStages } from './trackStages';

const serviceAt = 'signalbox.service';
type View = 'track' | 'table' | 'where';

/** A service's line: the picture, the same facts as a table, its builds, and the sheet of what is selected. */
export function Line({ route }: { route: Route }) {
  const { view: desk, product } = useDesk();
  const remembered = localStorage.getItem(serviceAt) ?? undefined;
  const service =
    serviceOf(desk, route.parts[0])?.service ??
    product?.services.find((each) => each.id === remembered) ??
    product?.services[0];
  const id = service?.id;
  useEffect(() => {
    if (id) localStorage.setItem(serviceAt, id);
  }, [id]);
  if (!product || !service) {
    return (
      <Screen title={text.screens.line}>
        <EmptyState title={text.line.noService} action={<Button onClick={() => go(href(['settings', 'connections']))}>{text.line.toConnections}</Button>}>
          {text.line.noServiceNext}
        </EmptyState>
      </Screen>
    );
  }
  return <ServiceLine key={service.id} route={route} product={product} serviceId={service.id} />;
}

function ServiceLine({ route, product, serviceId }: { route: Route; product: NonNullable<ReturnType<typeof useDesk>['product']>; serviceId: string }) {
  const line = useAsk('line_show', { service: serviceId });
  const stage = route.query.get('stage');
  const build = route.query.get('build');
  const view = (route.query.get('view') ?? 'track') as View;
  const to = (query: { stage?: string | null; build?: string | null; view?: View }) =>
    go(href(['line', serviceId], { stage, build, view: view === 'track' ? null : view, ...query, ...(query.view === 'track' ? { view: null } : {}) }));
  useActions([
    { id: 'line.view', title: view === 'track' ? text.line.showTable : text.line.showTrack, group: text.screens.line, keys: 't', run: () => to({ view: view === 'track' ? 'table' : 'track' }) },
  ]);
  return (
    <Screen
      title={product.name}
      tools={
        <>
          {product.services.length > 1 ? (
            <Segmented
              label={text.line.service}
              value={serviceId}
              segments={product.services.map((each) => ({ value: each.id, label: each.name }))}
              onChange={(next) => go(href(['line', next], { view: view === 'track' ? null : view }))}
            />
          ) : null}
          {line.data?.strategy ? (
            <a className="bare" href={href(['strategy', product.id])}>
              <Pill>{text.line.strategy(line.data.strategy)}</Pill>
            </a>
          ) : null}
          <Segmented
            label={text.line.view}
            value={view}
            segments={[
              { value: 'track', label: text.line.track },
              { value: 'table', label: text.line.table, keys: 't' },
              { value: 'where', label: text.line.where },
            ]}
            onChange={(next) => to({ view: next })}
          />
        </>
      }
    >
      <div className="body">
        <div className="pane">
          {view === 'where' ? <WhereTable product={product.id} /> : <Answer of={line}>{(known) => <Picture line={known} view={view} stage={stage} build={build} to={to} />}</Answer>}
        </div>
        <SheetOf line={line.data} stage={stage} build={build} close={() => to({ stage: null, build: null })} to={to} />
      </div>
    </Screen>
  );
}

type To = (query: { stage?: string | null; build?: string | null }) => void;

function Picture({ line, view, stage, build, to }: { line: LineView; view: View; stage: string | null; build: string | null; to: To }) {
  const toast = useToast();
  const [recording, setRecording] = useState(false);
  const scan = useDo('builds_scan', (found) =>
    toast({ message: found.arrived.length > 0 ? text.line.arrived(found.arrived.map((each) => each.label).join(', ')) : text.line.nothingArrived }),
  );
  const select = (key: string) => {
    const chosen = line.stages.find((each) => each.key === key);
    to({ stage: key, build: chosen?.occupant?.build ?? null });
  };
  const tools = line.pipeline ? (
    <Button busy={scan.busy} busyWord={text.line.scanning} onClick={() => scan.run({ service: line.service.id })}>
      {text.line.scan}
    </Button>
  ) : (
    <Button onClick={() => setRecording(true)}>{text.line.record}</Button>
  );
  return (
    <>
      {[...line.notices, ...(line.pipeline?.problems ?? [])].map((notice) => (
        <div key={notice.title + notice.detail} className="standing-line" data-tone={noticeLook[notice.tone].tone} role="status">
          <Glyph shape={noticeLook[notice.tone].shape} />
          <span>{notice.title}</span>
          <span className="muted">{notice.detail}</span>
        </div>
      ))}
      {line.stages.length === 0 ? (
        <EmptyState title={text.line.noProcess} action={<Button onClick={() => go(href(['strategy', line.product.id]))}>{text.line.toStrategy}</Button>}>
          {text.line.noProcessNext}
        </EmptyState>
      ) : view === 'track' ? (
        <div className="line-track">
          <Track label={text.line.trackOf(line.service.name)} stages={trackStages(line)} selected={stage} onSelect={select} />
        </div>
      ) : (
        <StageTable line={line} selected={stage} onSelect={select} />
      )}
      <div className="list-head">
        <h2>{text.line.builds}</h2>
        {line.pipeline ? <span className="faint ellipsis">{text.line.from(line.pipeline.connection_name, line.pipeline.pipeline)}</span> : <span className="faint">{text.line.byHand}</span>}
        <span className="push">{tools}</span>
      </div>
      {line.builds.length === 0 ? (
        <EmptyState title={text.line.noBuilds}>{line.pipeline ? text.line.noBuildsNext : text.line.noBuildsByHand}</EmptyState>
      ) : (
        <BuildTable rows={line.builds} current={build} onCurrent={(row) => to({ build: row.build.id, stage: row.stage?.key ?? null })} />
      )}
      {line.more ? <p className="pad faint">{text.line.older}</p> : null}
      <RecordBuild open={recording} onClose={() => setRecording(false)} service={line.service} />
    </>
  );
}

function SheetOf({ line, stage, build, close, to }: { line: LineView | undefined; stage: string | null; build: string | null; close: () => void; to: To }) {
  const known = line?.stages.find((each) => each.key === stage);
  if (build && stage) return <PacketSheet key={`${build}@${stage}`} build={build} stage={stage} onClose={close} onHistory={() => to({ stage: null })} />;
  if (build) return <BuildSheet build={build} onClose={close} onStage={(key) => to({ stage: key })} />;
  if (line && known) return <StageSheet key={known.key} line={line} stage={known} onClose={close} onBuild={(id) => to({ build: id })} />;
  return null;
}
