import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { FeatureSheet as SheetView, FeatureState, FeatureView } from '../../api/wire';
import { useActions } from '../../app/actions';
import { useDesk } from '../../app/desk';
import { answerLook, featureLook } from '../../app/looks';
import { href } from '../../app/router';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextArea, TextField } from '../../components/Field';
import { KeyValue } from '../../components/KeyValue';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { RelativeTime } from '../../components/RelativeTime';
import { Sheet, SheetSection } from '../../components/Sheet';
import { text } from '../../text';
import { SignFields, useSigning } from '../packet/Signing';

interface FeatureSheetProps {
  feature: string;
  build: string | null;
  onClose: () => void;
  onBuild: (build: string) => void;
  start?: 'approve' | 'reject' | undefined;
  takeFocus?: boolean;
}

/** A feature: where it is, its way so far, the builds that carry it, and its sign-off in one of them. */
export function FeatureSheet({ feature, build, onClose, onBuild, start, takeFocus = false }: FeatureSheetProps) {
  const show = useAsk('feature_show', { feature, build });
  const view = show.data;
  const [mode, setMode] = useState<'look' | 'approve' | 'reject' | 'move'>(start ?? 'look');
  const sheet = view?.sheet ?? null;
  const can = sheet?.sign.allowed ?? false;
  useActions([
    mode === 'look' && can && { id: 'feature.approve', title: text.features.signOffThis(feature), group: text.packet.decisions, keys: 'a', run: () => setMode('approve') },
    mode === 'look' && can && { id: 'feature.reject', title: text.features.refuseThis(feature), group: text.packet.decisions, keys: 'r', run: () => setMode('reject') },
  ]);
  const look = () => setMode('look');
  return (
    <Sheet
      label={text.features.sheet}
      onClose={onClose}
      takeFocus={takeFocus}
      status={view ? <Pill {...featureLook[view.row.state]}>{view.row.word}</Pill> : null}
      title={view ? view.row.title : feature}
      subtitle={<span className="mono">{feature}</span>}
      footer={view ? <Footer view={view} sheet={sheet} mode={can || mode === 'move' ? mode : 'look'} setMode={setMode} onDone={look} /> : null}
    >
      <Answer of={show}>{(known) => <Body view={known} onBuild={onBuild} />}</Answer>
    </Sheet>
  );
}

function Body({ view, onBuild }: { view: FeatureView; onBuild: (build: string) => void }) {
  const { row } = view;
  const asked = useAsk('feature_tracked', { feature: row.key });
  // Where no tracker is connected, nothing is said.
  const tracked = asked.data && (asked.data.asked ?? asked.data.problem) ? asked.data : null;
  return (
    <>
      <SheetSection title={text.features.whereIs}>
        <KeyValue
          facts={[
            [text.features.place, row.place || row.word],
            [text.features.since, <RelativeTime key="since" at={row.since} />],
            row.build ? [text.features.build, <a key="build" className="mono" href={href(['line', row.build.service], { build: row.build.id })}>{`${row.build.service_name} ${row.build.label}`}</a>] : null,
            row.waiting_for ? [text.features.waitingFor, row.waiting_for] : null,
            [text.features.requester, view.requester.name],
            view.developer ? [text.features.developer, view.developer.name] : null,
            tracked ? [tracked.tracked ? text.tracker.at(tracked.tracker) : text.tracker.atTracker, tracked.tracked ? text.tracker.status(tracked.tracked.status, tracked.tracked.done) : (tracked.problem?.sentence ?? text.tracker.unknown)] : null,
          ]}
        />
      </SheetSection>
      {view.sheet ? (
        <SheetSection title={text.features.signedIs(view.sheet.build.label)}>
          {view.sheet.parts.map((part) => (
            <dl key={part.part} className="packet-lines">
              {part.lines.map((line) => (
                <div key={line.label}>
                  <dt>
                    {part.part} · {line.label}
                  </dt>
                  <dd>{line.text}</dd>
                </div>
              ))}
            </dl>
          ))}
          <code className="faint selectable wrap-anywhere">{view.sheet.digest}</code>
        </SheetSection>
      ) : null}
      <SheetSection title={text.features.builds}>
        {view.builds.length === 0 ? <span className="muted">{text.features.noBuilds}</span> : null}
        {view.builds.map((each) => (
          <div key={each.build.id} className="stack tight">
            <div className="row wrap">
              <span className="mono strong">{`${each.build.service_name} ${each.build.label}`}</span>
              <span className="muted">{each.place}</span>
              <Pill {...answerLook(each.signed_off)}>{each.by ? text.features.answerBy(each.signed_off, each.by) : text.features.answer(each.signed_off)}</Pill>
              {view.sheet?.build.id === each.build.id ? null : (
                <Button size="small" kind="quiet" className="push" onClick={() => onBuild(each.build.id)} aria-label={text.features.sheetOf(each.build.label)}>
                  {text.features.look}
                </Button>
              )}
            </div>
            {each.comment ? <p className="quote">{each.comment}</p> : null}
          </div>
        ))}
      </SheetSection>
      <SheetSection title={text.features.way}>
        <ol className="way">
          {view.history.map((move) => (
            <li key={move.state + move.at}>
              <Pill {...featureLook[move.state]}>{move.word}</Pill>
              <span className="muted">{[move.build, move.by, move.evidence].filter(Boolean).join(' · ')}</span>
              <span className="faint push">
                <RelativeTime at={move.at} />
              </span>
            </li>
          ))}
        </ol>
      </SheetSection>
    </>
  );
}

interface FooterProps {
  view: FeatureView;
  sheet: SheetView | null;
  mode: 'look' | 'approve' | 'reject' | 'move';
  setMode: (mode: 'look' | 'approve' | 'reject' | 'move') => void;
  onDone: () => void;
}

function Footer({ view, sheet, mode, setMode, onDone }: FooterProps) {
  if (sheet && (mode === 'approve' || mode === 'reject')) return <Sign key={mode} feature={view.row.key} sheet={sheet} approved={mode === 'approve'} onDone={onDone} />;
  if (mode === 'move') return <Move view={view} onDone={onDone} />;
  const asks = sheet && view.row.signed_off === null && !sheet.sign.allowed ? sheet.sign.reasons : [];
  return (
    <>
      {asks.length > 0 ? (
        <div className="why">
          <span className="strong">{text.features.notYet}</span>
          <Reasons reasons={asks} />
        </div>
      ) : null}
      {sheet?.sign.allowed ? (
        <div className="sheet-acts">
          <Button kind="danger" keys="r" onClick={() => setMode('reject')}>
            {text.features.refuse}
          </Button>
          <Button kind="primary" keys="a" onClick={() => setMode('approve')}>
            {text.features.signOff}
          </Button>
        </div>
      ) : null}
      {view.next.length > 0 ? (
        <div className="sheet-acts">
          <Button onClick={() => setMode('move')}>{text.features.move}</Button>
        </div>
      ) : null}
    </>
  );
}

function Sign({ feature, sheet, approved, onDone }: { feature: string; sheet: SheetView; approved: boolean; onDone: () => void }) {
  const toast = useToast();
  const signing = useSigning(sheet.sign.roles);
  const [comment, setComment] = useState('');
  const [shown] = useState(sheet.digest);
  const sign = useDo('feature_sign', (done) => {
    toast({ message: done.said });
    onDone();
  });
  const needsReason = !approved && comment.trim() === '';
  return (
    <form
      className="stack"
      aria-label={approved ? text.features.signOffThis(feature) : text.features.refuseThis(feature)}
      onSubmit={(event) => {
        event.preventDefault();
        if (needsReason || sign.busy) return;
        sign.run({ feature, build: sheet.build.id, approved, role: signing.role, comment: comment.trim(), packet: shown, passphrase: signing.passphrase || null });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault();
          onDone();
        } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }
      }}
    >
      <TextArea
        label={approved ? text.packet.comment : text.packet.reason}
        hint={approved ? text.packet.commentHint : text.features.refuseHint}
        required={!approved}
        rows={2}
        autoFocus
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <SignFields signing={signing} roles={sheet.sign.roles} asksPassphrase={false} error={sign.error} />
      {sign.error ? <ErrorNotice error={sign.error} /> : null}
      <div className="sheet-acts">
        <Button onClick={onDone} disabled={sign.busy}>
          {text.act.cancel}
        </Button>
        <Button kind={approved ? 'primary' : 'danger'} type="submit" busy={sign.busy} disabled={needsReason} keys="mod+enter">
          {approved ? text.features.signOffDo : text.features.refuseDo}
        </Button>
      </div>
    </form>
  );
}

function Move({ view, onDone }: { view: FeatureView; onDone: () => void }) {
  const toast = useToast();
  const [to, setTo] = useState<FeatureState>(view.next[0] ?? 'in_branch');
  const [developer, setDeveloper] = useState(view.developer?.id ?? '');
  const [evidence, setEvidence] = useState('');
  const people = useAsk('person_list', {});
  const move = useDo('feature_move', (done) => {
    toast({ message: done.said });
    onDone();
  });
  const { view: desk } = useDesk();
  const choices = [{ value: '', label: text.features.noDeveloper }, ...(people.data?.people ?? []).filter((each) => !each.person.machine).map((each) => ({ value: each.person.id, label: each.person.name }))];
  return (
    <form
      className="stack"
      aria-label={text.features.move}
      onSubmit={(event) => {
        event.preventDefault();
        move.run({ feature: view.row.key, to, developer: developer || null, evidence: evidence.trim() });
      }}
    >
      <Select label={text.features.moveTo} value={to} choices={view.next.map((each) => ({ value: each, label: text.features.states[each] }))} onChange={(event) => setTo(event.target.value as FeatureState)} />
      <Select label={text.features.developer} value={developer} choices={choices} onChange={(event) => setDeveloper(event.target.value)} />
      <TextField label={text.features.evidence} hint={text.features.evidenceHint} value={evidence} onChange={(event) => setEvidence(event.target.value)} />
      <p className="faint small">{text.features.movedBy(desk.me?.name ?? '')}</p>
      {move.error ? <ErrorNotice error={move.error} /> : null}
      <div className="sheet-acts">
        <Button onClick={onDone}>{text.act.cancel}</Button>
        <Button kind="primary" type="submit" busy={move.busy}>
          {text.features.moveDo}
        </Button>
      </div>
    </form>
  );
}
