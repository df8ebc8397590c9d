import { useState } from 'react';
import { useDo } from '../../api/client';
import type { ActState, ProductTestView, ReleasingView } from '../../api/wire';
import { deploymentLook } from '../../app/looks';
import { useActions } from '../../app/actions';
import { useToast } from '../../app/toasts';
import { Blocked } from '../../components/Blocked';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';
import { dateTime } from '../../text/time';
import { DeploymentLog } from '../packet/DeploymentLog';
import { TestResult } from './TestResult';

/** The tests of a whole product: begin one, tell a result, settle one whose outcome was lost. */
export function ProductTests({ view }: { view: ReleasingView }) {
  const toast = useToast();
  const [reading, setReading] = useState<ProductTestView | null>(null);
  const [telling, setTelling] = useState<'result' | ProductTestView | null>(null);
  const begin = useDo('product_test_begin', (done) => toast({ message: done.said }));
  const start = () => begin.run({ product: view.product });
  useActions([
    view.begin_test.allowed && { id: 'test.begin', title: text.productTest.begin, group: text.productTest.title, run: start },
    view.record_test.allowed && { id: 'test.record', title: text.productTest.record, group: text.productTest.title, run: () => setTelling('result') },
  ]);
  const stage = view.test_stage;
  return (
    <section className="stack">
      <div className="row wrap between upper">
        <div className="measure">
          <h2>{text.productTest.title}</h2>
          <p className="muted">{stage ? text.productTest.means(stage.name) : text.productTest.noStage}</p>
        </div>
        <span className="row wrap">
          <Button kind="primary" busy={begin.busy} busyWord={text.productTest.beginning} disabled={!view.begin_test.allowed} onClick={start}>
            {text.productTest.begin}
          </Button>
          <Button disabled={!view.record_test.allowed} onClick={() => setTelling('result')}>
            {text.productTest.record}
          </Button>
        </span>
      </div>
      <Blocked act={view.begin_test} title={text.productTest.notBegin} />
      <Blocked act={beyond(view.record_test, view.begin_test)} title={text.productTest.notRecord} />
      {begin.error ? <ErrorNotice error={begin.error} /> : null}
      {view.tests.length === 0 ? (
        <EmptyState title={text.productTest.empty}>{text.productTest.emptyNext}</EmptyState>
      ) : (
        <Table label={text.productTest.title} rows={view.tests} rowKey={(test) => test.id} columns={columnsOf(view, setTelling, setReading)} />
      )}
      {telling === null ? null : <TestResult product={view.product} stage={stage} test={telling === 'result' ? null : telling} onClose={() => setTelling(null)} />}
      {reading ? (
        <Dialog open onClose={() => setReading(null)} title={text.productTest.logOf(dateTime(reading.at))} wide>
          <DeploymentLog deployment={reading.id} running={reading.state === 'running'} title={text.productTest.logOf(dateTime(reading.at))} />
        </Dialog>
      ) : null}
    </section>
  );
}

/** What keeps one act from being done beyond what was said of another. */
function beyond(act: ActState, said: ActState): ActState {
  const reasons = act.reasons.filter((reason) => !said.reasons.some((other) => other.code === reason.code && other.sentence === reason.sentence));
  return { ...act, allowed: act.allowed || reasons.length === 0, reasons };
}

function columnsOf(view: ReleasingView, settle: (test: ProductTestView) => void, read: (test: ProductTestView) => void): Column<ProductTestView>[] {
  return [
    { key: 'result', head: text.productTest.result, width: 'min', cell: (test) => <Pill {...deploymentLook[test.state]}>{text.productTest.outcomes[test.state]}</Pill> },
    {
      key: 'when',
      head: text.productTest.when,
      width: 'min',
      cell: (test) => (
        <span className="muted nowrap">
          <RelativeTime at={test.at} />
          {test.stage === view.test_stage?.key ? null : ` · ${test.stage}`}
        </span>
      ),
    },
    { key: 'said', head: text.productTest.said, width: 'wide', cell: (test) => <Said test={test} /> },
    {
      key: 'tested',
      head: text.productTest.tested,
      optional: true,
      cell: (test) => (test.builds.length === 0 ? <span className="faint">{text.productTest.noBuilds}</span> : <span className="muted">{test.builds.map((build) => `${build.service_name} ${build.label}`).join(', ')}</span>),
    },
    { key: 'by', head: text.productTest.by, width: 'min', optional: true, cell: (test) => <span className="muted">{test.by}</span> },
    { key: 'settle', head: text.releases.next, width: 'min', cell: (test) => <Next test={test} onSettle={() => settle(test)} onRead={() => read(test)} /> },
  ];
}

function Said({ test }: { test: ProductTestView }) {
  return (
    <div className="stack tight wrap-anywhere">
      {test.summary ? <span className="selectable">{test.summary}</span> : null}
      {test.left_out.map((left) => (
        <span key={left.service.id} className="small">
          {text.productTest.leftOut(left.service.name, left.build)} <span className="muted">{left.reason}</span>
        </span>
      ))}
      {test.state === 'unknown' ? <Blocked act={test.settle} /> : null}
    </div>
  );
}

/** Its log, if a pipeline was started; and only an outcome that is not known, or not yet, is left to be told. */
function Next({ test, onSettle, onRead }: { test: ProductTestView; onSettle: () => void; onRead: () => void }) {
  return (
    <span className="row">
      {test.has_log ? (
        <Button size="small" aria-label={text.productTest.logOf(dateTime(test.at))} onClick={onRead}>
          {text.productTest.log}
        </Button>
      ) : null}
      {test.state === 'unknown' || test.settle.allowed ? (
        <Button size="small" disabled={!test.settle.allowed} aria-label={text.productTest.settleThis(dateTime(test.at))} onClick={onSettle}>
          {text.productTest.settle}
        </Button>
      ) : null}
    </span>
  );
}
