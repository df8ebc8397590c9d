import { useState } from 'react';
import { useAsk } from '../../api/client';
import type { DeploymentView, PacketView } from '../../api/wire';
import { useActions } from '../../app/actions';
import { useDesk } from '../../app/desk';
import { buildLook, deploymentLook } from '../../app/looks';
import { href } from '../../app/router';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { RelativeTime } from '../../components/RelativeTime';
import { Sheet, SheetSection } from '../../components/Sheet';
import { text } from '../../text';
import { ActForm, smallActs, type SmallAct } from './ActForm';
import { Changes } from './Changes';
import { Decide } from './Decide';
import { DeploymentLog } from './DeploymentLog';
import { GateSection } from './GateSection';
import { Promote } from './Promote';
import { RemoteGate } from './RemoteGate';
import { RollBack } from './RollBack';
import { Veto, Vetoed } from './Veto';
import { digestsOf, differenceOf } from './parts';

interface PacketSheetProps {
  build: string;
  stage: string;
  onClose: () => void;
  onHistory: () => void;
  /** Begins with a decision that was asked for from outside, where it is possible. */
  start?: 'approve' | 'reject' | undefined;
  takeFocus?: boolean;
}

type Mode = 'look' | 'approve' | 'reject' | 'promote' | 'roll_back' | 'veto' | SmallAct;

/** The decision sheet of a build at a stage. What is signed is what it shows. */
export function PacketSheet({ build, stage, onClose, onHistory, start, takeFocus = false }: PacketSheetProps) {
  const packet = useAsk('packet_show', { build, stage });
  const view = packet.data;
  const [asked, setMode] = useState<Mode>(start ?? 'look');
  const mode = (asked === 'approve' || asked === 'reject') && view?.acts[asked].allowed === false ? 'look' : asked;
  useActions([
    mode === 'look' && view?.acts.approve.allowed && { id: 'packet.approve', title: text.packet.approveThis(view.build.label), group: text.packet.decisions, keys: 'a', run: () => setMode('approve') },
    mode === 'look' && view?.acts.reject.allowed && { id: 'packet.reject', title: text.packet.rejectThis(view.build.label), group: text.packet.decisions, keys: 'r', run: () => setMode('reject') },
    mode === 'look' && view?.acts.promote.allowed && { id: 'packet.promote', title: text.packet.promoteThis(view.build.label, view.stage.name), group: text.packet.decisions, keys: 'p', run: () => setMode('promote') },
    view?.acts.veto.allowed && { id: 'packet.veto', title: text.veto.actOf(text.build.title(view.service.name, view.build.label)), group: text.packet.decisions, run: () => setMode('veto') },
    view?.acts.retry.allowed && { id: 'packet.retry', title: text.packet.retry, group: text.packet.decisions, run: () => setMode('retry') },
    view?.acts.cancel.allowed && { id: 'packet.cancel', title: text.packet.cancel, group: text.packet.decisions, run: () => setMode('cancel') },
  ]);
  const look = () => setMode('look');
  return (
    <Sheet
      label={text.packet.sheet}
      onClose={onClose}
      takeFocus={takeFocus}
      status={view ? <Standing view={view} /> : null}
      title={view ? text.packet.title(view.service.name, view.build.label, view.stage.name) : text.packet.sheet}
      subtitle={
        view ? (
          <span className="mono" title={digestsOf(view).join('\n')}>
            {text.build.commitOf(view.build.commit)}
          </span>
        ) : null
      }
      footer={view ? <Footer view={view} mode={mode} setMode={setMode} onDone={look} /> : null}
    >
      <Answer of={packet}>{(known) => <Body view={known} onHistory={onHistory} onVeto={() => setMode('veto')} />}</Answer>
      {view && mode === 'veto' ? <Veto build={view.build} onClose={look} /> : null}
      {view && mode === 'promote' ? <Promote view={view} onClose={look} /> : null}
      {view && mode === 'roll_back' ? (
        <RollBack build={view.build} stage={view.stage} roles={view.acts.roll_back.roles} asksPassphrase={view.asks_passphrase} onClose={look} />
      ) : null}
    </Sheet>
  );
}

function Standing({ view }: { view: PacketView }) {
  return (
    <>
      <Pill {...buildLook[view.state]}>{view.word}</Pill>
      {view.since ? (
        <span className="faint">
          <RelativeTime bare at={view.since} />
        </span>
      ) : null}
    </>
  );
}

function Body({ view, onHistory, onVeto }: { view: PacketView; onHistory: () => void; onVeto: () => void }) {
  const difference = differenceOf(view);
  const { products } = useDesk().view;
  // What runs or went wrong comes first; a deployment that went well is read on demand.
  const settled = view.deployment?.state === 'succeeded' && !view.gate.checks.some((check) => check.passed === false);
  const deployment = view.deployment ? <DeploymentSection view={view} deployment={view.deployment} folded={settled} /> : null;
  return (
    <>
      {view.vetoed ? <Vetoed veto={view.vetoed} /> : null}
      {view.issue_draft ? (
        <div className="pad">
          <Notice look={{ tone: 'stop', shape: 'cross' }} title={text.packet.draftTitle}>
            <p className="notice-next">{text.packet.draftNext}</p>
            <a className="btn" href={href(['issues'], { draft: view.issue_draft })}>
              {text.packet.draftOpen}
            </a>
          </Notice>
        </div>
      ) : null}
      <Changes changes={view.changes} />
      {settled ? null : deployment}
      <SheetSection title={text.packet.goesOut(difference.comparedWith)}>
        {difference.features.map((line) => (
          <div key={line.label} className="change">
            <a className="mono" href={href(['features', line.label], { build: view.build.id })}>
              {line.label}
            </a>
            <span>{line.text}</span>
          </div>
        ))}
        {difference.components.length > 0 ? (
          <span className="muted">{difference.components.map((line) => `${line.label} ${line.text}`).join(' · ')}</span>
        ) : null}
        {difference.features.length + difference.components.length === 0 ? <span className="muted">{text.packet.noDifference}</span> : null}
      </SheetSection>
      <GateSection view={view} />
      {view.remote_gate ? <RemoteGate gate={view.remote_gate} /> : null}
      {settled ? deployment : null}
      {difference.rest.map((part) => (
        <SheetSection key={part.part} title={text.packet.part(part.part)}>
          {part.lines.map((line) => (
            <div key={line.label} className="change">
              <span className="muted">{line.label}</span>
              <span>{line.text}</span>
            </div>
          ))}
        </SheetSection>
      ))}
      {view.last_time.length > 0 ? (
        <SheetSection title={text.packet.lastTime}>
          {view.last_time.map((past) => (
            <div key={past.issue} className="change">
              <a className="mono" href={href(['issues', past.issue])}>
                {past.key}
              </a>
              <span>
                {past.problem} {past.lesson ? <span className="muted">{past.lesson}</span> : null}
              </span>
            </div>
          ))}
        </SheetSection>
      ) : null}
      <SheetSection title={text.packet.signed}>
        <details>
          <summary>{text.packet.everyLine}</summary>
          <dl className="packet-lines">
            {view.parts.flatMap((part) =>
              part.lines.map((line) => (
                <div key={`${part.part}/${line.label}`}>
                  <dt>
                    {part.part} · {line.label}
                  </dt>
                  <dd>{line.text}</dd>
                </div>
              )),
            )}
          </dl>
        </details>
        <code className="faint selectable wrap-anywhere">{view.digest}</code>
        <div className="row wrap">
          <Button size="small" onClick={onHistory}>
            {text.packet.history}
          </Button>
          {view.acts.veto.allowed ? (
            <Button size="small" kind="danger" onClick={onVeto}>
              {text.veto.act}
            </Button>
          ) : null}
          {products.length > 1 ? <span className="faint">{view.product}</span> : null}
        </div>
      </SheetSection>
    </>
  );
}

function DeploymentSection({ view, deployment, folded }: { view: PacketView; deployment: DeploymentView; folded: boolean }) {
  const [open, setOpen] = useState(!folded);
  const title = text.packet.title(view.service.name, view.build.label, view.stage.name);
  return (
    <SheetSection
      title={deployment.roll_back ? text.deployment.rollBack : text.deployment.title}
      aside={<Pill {...deploymentLook[deployment.state]}>{text.deployment.word[deployment.state]}</Pill>}
    >
      <span className="muted">
        {text.deployment.startedBy(deployment.by)} <RelativeTime at={deployment.at} />
      </span>
      {deployment.detail ? <p>{deployment.detail}</p> : null}
      {open ? (
        <DeploymentLog key={deployment.id} deployment={deployment.id} running={deployment.state === 'running'} title={title} />
      ) : (
        <Button size="small" className="start" onClick={() => setOpen(true)}>
          {text.deployment.showLog}
        </Button>
      )}
    </SheetSection>
  );
}

function Footer({ view, mode, setMode, onDone }: { view: PacketView; mode: Mode; setMode: (mode: Mode) => void; onDone: () => void }) {
  if (mode === 'approve' || mode === 'reject') return <Decide key={mode} view={view} approved={mode === 'approve'} onDone={onDone} />;
  if (mode !== 'look' && mode !== 'promote' && mode !== 'roll_back' && mode !== 'veto') return <ActForm key={mode} view={view} act={mode} onDone={onDone} />;
  const { acts } = view;
  const small = smallActs.filter((name) => acts[name].allowed);
  const decides = acts.approve.allowed || acts.reject.allowed;
  // What stands between this person and the next decision, said once.
  const inStage = ['deploying', 'unknown', 'stopped', 'undecided'].includes(view.state);
  const why = decides || acts.promote.allowed || view.state === 'deploying' ? [] : inStage ? acts.approve.reasons : view.state === 'passed' || view.state === 'rejected' ? [] : acts.promote.reasons;
  const missing = acts.reject.allowed && !acts.approve.allowed ? acts.approve.reasons : [];
  if (!decides && !acts.promote.allowed && small.length === 0 && !acts.roll_back.allowed && why.length === 0) return null;
  return (
    <>
      {why.length > 0 || missing.length > 0 ? (
        <div className="why">
          <span className="strong">{inStage ? text.packet.notYetApprove : text.packet.notYetPromote}</span>
          <Reasons reasons={[...why, ...missing]} />
        </div>
      ) : null}
      {decides ? (
        <div className="sheet-acts">
          <Button kind="danger" keys="r" disabled={!acts.reject.allowed} onClick={() => setMode('reject')}>
            {text.packet.reject}
          </Button>
          <Button kind="primary" keys="a" disabled={!acts.approve.allowed} onClick={() => setMode('approve')}>
            {text.packet.approve}
          </Button>
        </div>
      ) : null}
      {acts.promote.allowed ? (
        <div className="sheet-acts">
          <Button kind="primary" keys="p" onClick={() => setMode('promote')}>
            {text.packet.promote(view.stage.name)}
          </Button>
        </div>
      ) : null}
      {small.length > 0 || acts.roll_back.allowed ? (
        <div className="sheet-acts">
          {small.map((name) => (
            <Button key={name} kind={name === 'cancel' ? 'danger' : 'plain'} onClick={() => setMode(name)}>
              {text.packet.small[name]}
            </Button>
          ))}
          {acts.roll_back.allowed ? (
            <Button kind="danger" onClick={() => setMode('roll_back')}>
              {text.packet.rollBack(view.build.label)}
            </Button>
          ) : null}
        </div>
      ) : null}
    </>
  );
}
