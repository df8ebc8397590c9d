import { useState } from 'react';
import { useDo } from '../../api/client';
import type { ItemView, PacketView, SignOffView } from '../../api/wire';
import { answerLook, itemLook } from '../../app/looks';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextField } from '../../components/Field';
import { Glyph } from '../../components/Glyph';
import { Person } from '../../components/Avatar';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { SheetSection } from '../../components/Sheet';
import { text } from '../../text';
import { clockTime } from '../../text/time';

/** Checks, checklist, features and people of a gate: what is there and what is missing. */
export function GateSection({ view }: { view: PacketView }) {
  const { gate } = view;
  const counts = gate.items.filter((item) => item.state !== 'open').length;
  const empty = gate.checks.length + gate.items.length + gate.features.length + gate.signoffs.length === 0 && !gate.sentence;
  const heard = gate.signoffs.some((given) => given.approved && !given.void);
  // Before the build is here nobody has been asked: that is neither open nor satisfied.
  const rule = gate.missing.length > 0 ? itemLook.open : heard ? itemLook.done : ({ tone: 'idle', shape: 'circle' } as const);
  return (
    <SheetSection title={text.packet.gate} aside={gate.items.length > 0 ? <span className="faint">{text.packet.checklist(counts, gate.items.length)}</span> : null}>
      {empty ? <span className="muted">{text.packet.noGate}</span> : null}
      {gate.checks.map((check) => (
        <CheckRow key={check.name} view={view} name={check.name} passed={check.passed} summary={check.summary} source={check.source} at={check.at} />
      ))}
      {gate.items.map((item) => (
        <ItemRow key={item.key} view={view} item={item} />
      ))}
      {gate.features.map((feature) => (
        <div key={feature.key} className="gate-row" data-tone={answerLook(feature.signed_off).tone}>
          <Glyph shape={answerLook(feature.signed_off).shape} />
          <span className="grow">
            <span className="mono">{feature.key}</span> {feature.title}
          </span>
          <span className="muted">{text.features.answer(feature.signed_off)}</span>
        </div>
      ))}
      {gate.sentence ? (
        <div className="gate-row" data-tone={rule.tone}>
          <Glyph shape={rule.shape} />
          <span className="grow">{gate.sentence}</span>
        </div>
      ) : null}
      {gate.missing.map((missing) => (
        <p key={missing} className="gate-more muted">
          {missing}
        </p>
      ))}
      {gate.who.length > 0 && gate.missing.length > 0 ? (
        <div className="gate-more row wrap">
          {gate.who.map((person) => (
            <Person key={person.id} name={person.name} />
          ))}
        </div>
      ) : null}
      {gate.signoffs.map((given) => (
        <SignOffRow key={given.id} view={view} given={given} />
      ))}
    </SheetSection>
  );
}

function CheckRow({ view, name, passed, summary, source, at }: { view: PacketView; name: string; passed: boolean | null; summary: string; source: string; at: string | null }) {
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState('');
  const record = useDo('check_record', (done) => {
    toast({ message: done.said });
    setOpen(false);
  });
  const look = answerLook(passed);
  const send = (good: boolean) => record.run({ build: view.build.id, stage: view.stage.key, check: name, passed: good, summary: said.trim() });
  return (
    <>
      <div className="gate-row" data-tone={look.tone}>
        <Glyph shape={look.shape} />
        <span className="grow">
          {name} <span className="muted">{passed === null ? text.packet.noResult : summary}</span>
        </span>
        {at ? (
          <span className="faint" title={source}>
            {clockTime(at)}
          </span>
        ) : null}
        {passed === null && view.state === 'undecided' ? (
          <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {text.packet.byHand}
          </Button>
        ) : null}
      </div>
      {open ? (
        <div className="gate-more stack">
          <TextField label={text.packet.checkSaid} value={said} onChange={(event) => setSaid(event.target.value)} />
          {record.error ? <ErrorNotice error={record.error} /> : null}
          <div className="row">
            <Button size="small" busy={record.busy} disabled={said.trim() === ''} onClick={() => send(true)}>
              {text.packet.checkGood}
            </Button>
            <Button size="small" kind="danger" busy={record.busy} disabled={said.trim() === ''} onClick={() => send(false)}>
              {text.packet.checkBad}
            </Button>
          </div>
        </div>
      ) : null}
    </>
  );
}

function ItemRow({ view, item }: { view: PacketView; item: ItemView }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  // The mark itself shows that it was recorded.
  const mark = useDo('checklist_set', () => setAsking(false));
  const look = itemLook[item.state];
  const can = ['undecided', 'deploying', 'stopped', 'unknown'].includes(view.state);
  const set = (state: ItemView['state'], why = '') => mark.run({ build: view.build.id, stage: view.stage.key, item: item.key, state, reason: why });
  return (
    <>
      <div className="gate-row" data-tone={look.tone}>
        {can ? (
          <button
            type="button"
            className="tick"
            role="checkbox"
            aria-checked={item.state !== 'open'}
            aria-label={item.text}
            aria-disabled={mark.busy || undefined}
            onClick={() => (mark.busy ? undefined : set(item.state === 'open' ? 'done' : 'open'))}
          >
            <Glyph shape={mark.busy ? 'progress' : look.shape} />
          </button>
        ) : (
          <Glyph shape={look.shape} />
        )}
        <span className="grow">
          {item.text}
          {item.state === 'not_applicable' ? <span className="muted"> {text.packet.notApplicableBecause(item.reason)}</span> : null}
        </span>
        {item.by ? <span className="faint">{item.by}</span> : null}
        {can && item.state === 'open' ? (
          <Button size="small" kind="quiet" aria-expanded={asking} aria-label={text.packet.notApplicableItem(item.text)} onClick={() => setAsking(!asking)}>
            {text.packet.notApplicable}
          </Button>
        ) : null}
      </div>
      {asking ? (
        <form
          className="gate-more stack"
          onSubmit={(event) => {
            event.preventDefault();
            set('not_applicable', reason.trim());
          }}
        >
          <TextField label={text.packet.whyNot} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
          <Button size="small" type="submit" busy={mark.busy} disabled={reason.trim() === ''}>
            {text.packet.markNotApplicable}
          </Button>
        </form>
      ) : null}
      {mark.error ? <ErrorNotice error={mark.error} /> : null}
    </>
  );
}

function SignOffRow({ view, given }: { view: PacketView; given: SignOffView }) {
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const withdraw = useDo('signoff_withdraw', (done) => {
    toast({ message: done.said });
    setAsking(false);
  });
  const look = given.void ? { tone: 'idle' as const, shape: 'slash' as const } : answerLook(given.approved);
  return (
    <div className="signoff">
      <div className="row wrap">
        <Pill {...look}>{given.void || text.packet.gave(given.approved)}</Pill>
        <Person name={given.person} note={given.role.name} />
        <span className="faint push">
          <RelativeTime at={given.at} />
        </span>
      </div>
      {given.comment ? <p className="quote">{given.comment}</p> : null}
      {given.mine && !given.void ? (
        asking ? (
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              withdraw.run({ build: view.build.id, stage: view.stage.key, signoff: given.id, reason: reason.trim() });
            }}
          >
            <TextField label={text.packet.withdrawWhy} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
            {withdraw.error ? <ErrorNotice error={withdraw.error} /> : null}
            <div className="row">
              <Button size="small" onClick={() => setAsking(false)}>
                {text.act.cancel}
              </Button>
              <Button size="small" kind="danger" type="submit" busy={withdraw.busy} disabled={reason.trim() === ''}>
                {text.packet.withdraw}
              </Button>
            </div>
          </form>
        ) : (
          <Button size="small" kind="quiet" onClick={() => setAsking(true)}>
            {text.packet.withdraw}
          </Button>
        )
      ) : null}
    </div>
  );
}
