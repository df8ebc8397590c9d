import { useState } from 'react';
import { useDo } from '../../api/client';
import type { LineView, StageView, TrainView } from '../../api/wire';
import { buildLook, noticeLook } from '../../app/looks';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { RelativeTime } from '../../components/RelativeTime';
import { Sheet, SheetSection } from '../../components/Sheet';
import { text } from '../../text';
import { Changes } from '../packet/Changes';
import { RollBack } from '../packet/RollBack';

/** A stage without an open decision: what stands there, what could come, and its hold. */
export function StageSheet({ line, stage, onClose, onBuild }: { line: LineView; stage: StageView; onClose: () => void; onBuild: (build: string) => void }) {
  const [holding, setHolding] = useState(false);
  const [rollingBack, setRollingBack] = useState(false);
  const look = noticeLook[stage.signal.tone];
  const train = stage.occupant ?? stage.shown;
  return (
    <Sheet
      label={text.stage.sheet(stage.name)}
      onClose={onClose}
      status={stage.on_path ? <Pill tone={look.tone} shape={stage.hold ? 'bars' : look.shape}>{stage.signal.word}</Pill> : <Pill>{text.line.offPath}</Pill>}
      title={stage.name}
      subtitle={stage.sentence}
      footer={
        holding ? (
          <Hold line={line} stage={stage} onDone={() => setHolding(false)} />
        ) : (
          <div className="sheet-acts">
            <Button disabled={!stage.hold_act.allowed} onClick={() => setHolding(true)}>
              {stage.hold ? text.stage.release : text.stage.hold}
            </Button>
            {stage.last_good ? (
              <Button kind="danger" disabled={!stage.roll_back.allowed} onClick={() => setRollingBack(true)}>
                {text.packet.rollBack(stage.last_good.label)}
              </Button>
            ) : null}
          </div>
        )
      }
    >
      <Changes changes={stage.changes} />
      {stage.hold ? (
        <SheetSection title={text.stage.heldBy(stage.hold.by)}>
          <p>{stage.hold.reason}</p>
          <span className="faint"><RelativeTime at={stage.hold.since} /></span>
        </SheetSection>
      ) : null}
      <SheetSection title={text.stage.ready}>
        <span className="muted">{text.stage.way[stage.way](stage.system ?? '')}</span>
        {stage.ready.length === 0 ? <span className="muted">{stage.automatic ? text.stage.readyAutomatic : text.stage.readyNone}</span> : null}
        {stage.ready.map((each, index) => (
          <TrainRow key={each.build} train={each} note={index === 0 ? text.stage.newest : null} act={text.stage.look} onOpen={onBuild} />
        ))}
      </SheetSection>
      <SheetSection title={text.stage.here}>
        {train ? <TrainRow train={train} note={null} act={text.stage.look} onOpen={onBuild} /> : <span className="muted">{text.stage.empty}</span>}
        {stage.deployed && stage.deployed.build !== train?.build ? <TrainRow train={stage.deployed} note={text.stage.deployed} act={text.stage.look} onOpen={onBuild} /> : null}
      </SheetSection>
      {stage.waiting.length > 0 ? (
        <SheetSection title={text.stage.queue}>
          {stage.waiting.map((each, index) => (
            <TrainRow key={each.build} train={each} note={text.stage.place(index + 1)} act={text.stage.look} onOpen={onBuild} />
          ))}
        </SheetSection>
      ) : null}
      {stage.hold_act.allowed ? null : (
        <SheetSection title={text.stage.cannotHold}>
          <Reasons reasons={stage.hold_act.reasons} />
        </SheetSection>
      )}
      {rollingBack && stage.last_good ? (
        <RollBack build={stage.last_good} stage={{ key: stage.key, name: stage.name }} roles={stage.roll_back.roles} asksPassphrase={false} onClose={() => setRollingBack(false)} />
      ) : null}
    </Sheet>
  );
}

function TrainRow({ train, note, act, onOpen }: { train: TrainView; note: string | null; act: string; onOpen: (build: string) => void }) {
  return (
    <div className="row">
      <span className="mono strong">{train.label}</span>
      <Pill {...buildLook[train.state]}>{note ?? train.word}</Pill>
      {train.since ? <span className="faint"><RelativeTime bare at={train.since} /></span> : null}
      <Button size="small" className="push" onClick={() => onOpen(train.build)} aria-label={`${act}: ${train.label}`}>
        {act}
      </Button>
    </div>
  );
}

function Hold({ line, stage, onDone }: { line: LineView; stage: StageView; onDone: () => void }) {
  const toast = useToast();
  const [reason, setReason] = useState('');
  const after = (done: { said: string }) => {
    toast({ message: done.said });
    onDone();
  };
  const hold = useDo('stage_hold', after);
  const release = useDo('stage_release', after);
  const act = stage.hold ? release : hold;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        act.run({ service: line.service.id, stage: stage.key, reason });
      }}
    >
      <TextArea label={stage.hold ? text.stage.releaseWhy : text.stage.holdWhy} rows={2} value={reason} autoFocus onChange={(event) => setReason(event.target.value)} hint={stage.hold ? undefined : text.stage.holdHint} />
      {act.error ? <ErrorNotice error={act.error} /> : null}
      <div className="sheet-acts">
        <Button onClick={onDone}>{text.act.cancel}</Button>
        <Button kind="primary" type="submit" busy={act.busy} disabled={reason.trim() === ''}>
          {stage.hold ? text.stage.release : text.stage.hold}
        </Button>
      </div>
    </form>
  );
}
