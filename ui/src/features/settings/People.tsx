import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { KeyView, People as PeopleView, PersonView, RoleView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Person } from '../../components/Avatar';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, TextArea, TextField } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { RelativeTime } from '../../components/RelativeTime';
import { text } from '../../text';

type Open = { kind: 'enrol' } | { kind: 'roles'; person: PersonView } | { kind: 'revoke'; person: PersonView; key: KeyView } | null;

/** People, their roles and their keys. Every change is an entry in the ledger. */
export function People() {
  const people = useAsk('person_list', {});
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Answer of={people}>
      {(known) => (
        <div className="pad stack loose">
          <div className="row wrap between">
            <p className="muted">{text.people.intro}</p>
            <Button kind="primary" disabled={!known.enrol.allowed} onClick={() => setOpen({ kind: 'enrol' })}>
              {text.people.enrol}
            </Button>
          </div>
          {known.enrol.allowed ? null : (
            <div className="why">
              <Reasons reasons={known.enrol.reasons} />
            </div>
          )}
          <ul className="list card flush">
            {known.people.map((each) => (
              <PersonRow key={each.person.id} view={known} each={each} onOpen={setOpen} />
            ))}
          </ul>
          {open?.kind === 'enrol' ? <Enrol roles={known.roles} onClose={close} /> : null}
          {open?.kind === 'roles' ? <Roles person={open.person} roles={known.roles} onClose={close} /> : null}
          {open?.kind === 'revoke' ? <Revoke person={open.person} keyView={open.key} onClose={close} /> : null}
        </div>
      )}
    </Answer>
  );
}

function PersonRow({ view, each, onOpen }: { view: PeopleView; each: PersonView; onOpen: (open: Open) => void }) {
  const { person } = each;
  return (
    <li className="person-row">
      <div className="stack tight">
        <Person name={person.name} note={person.handle} />
        <span className="row wrap">
          {person.machine ? <Pill>{text.people.machine}</Pill> : person.roles.map((role) => <Pill key={role.key}>{role.name}</Pill>)}
          {each.here && !person.machine ? <Pill tone="accent" shape="dot">{text.people.here}</Pill> : null}
        </span>
      </div>
      <div className="stack tight">
        {each.keys.length === 0 ? <span className="muted">{text.people.noKey}</span> : null}
        {each.keys.map((key) => (
          <div key={key.fingerprint} className="row wrap">
            <code className="selectable wrap-anywhere">{key.fingerprint}</code>
            {key.revoked ? (
              <Pill tone="stop" shape="slash">{text.people.revoked}</Pill>
            ) : (
              <span className="faint">
                <RelativeTime at={key.enrolled} />
              </span>
            )}
            {key.revoked || !view.enrol.allowed || person.machine ? null : (
              <Button size="small" kind="quiet" aria-label={text.people.revokeThis(person.name)} onClick={() => onOpen({ kind: 'revoke', person: each, key })}>
                {text.people.revoke}
              </Button>
            )}
          </div>
        ))}
      </div>
      {person.machine ? (
        <span />
      ) : (
        <Button size="small" disabled={!view.enrol.allowed} aria-label={text.people.rolesOf(person.name)} onClick={() => onOpen({ kind: 'roles', person: each })}>
          {text.people.roles}
        </Button>
      )}
    </li>
  );
}

function RoleBoxes({ roles, chosen, onChange }: { roles: readonly RoleView[]; chosen: readonly string[]; onChange: (chosen: string[]) => void }) {
  return (
    <fieldset>
      <legend>{text.people.roles}</legend>
      <div className="form-row">
        {roles.map((role) => (
          <Checkbox key={role.key} label={role.name} checked={chosen.includes(role.key)} onChange={(event) => onChange(event.target.checked ? [...chosen, role.key] : chosen.filter((key) => key !== role.key))} />
        ))}
      </div>
    </fieldset>
  );
}

function Enrol({ roles, onClose }: { roles: readonly RoleView[]; onClose: () => void }) {
  const toast = useToast();
  const [name, setName] = useState('');
  const [handle, setHandle] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [elsewhere, setElsewhere] = useState(false);
  const [key, setKey] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const enrol = useDo('person_enrol', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.people.enrol}
      intro={text.people.enrolIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" type="submit" form="enrol" busy={enrol.busy} disabled={name.trim() === '' || handle.trim() === '' || chosen.length === 0 || (elsewhere && key.trim() === '')}>
            {text.people.enrolDo}
          </Button>
        </>
      }
    >
      <form
        id="enrol"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          enrol.run({ name: name.trim(), handle: handle.trim(), roles: [...chosen], public: elsewhere ? key.trim() : null, passphrase: elsewhere ? null : passphrase || null });
        }}
      >
        <div className="form-row">
          <TextField label={text.people.name} required value={name} onChange={(event) => setName(event.target.value)} />
          <TextField label={text.people.handle} hint={text.people.handleHint} required value={handle} onChange={(event) => setHandle(event.target.value)} />
        </div>
        <RoleBoxes roles={roles} chosen={chosen} onChange={setChosen} />
        <Checkbox label={text.people.elsewhere} hint={text.people.elsewhereHint} checked={elsewhere} onChange={(event) => setElsewhere(event.target.checked)} />
        {elsewhere ? (
          <TextArea label={text.people.publicKey} hint={text.people.publicKeyHint} rows={2} value={key} onChange={(event) => setKey(event.target.value)} />
        ) : (
          <TextField label={text.people.passphrase} hint={text.people.passphraseHint} type="password" value={passphrase} onChange={(event) => setPassphrase(event.target.value)} />
        )}
        {enrol.error ? <ErrorNotice error={enrol.error} /> : null}
      </form>
    </Dialog>
  );
}

function Roles({ person, roles, onClose }: { person: PersonView; roles: readonly RoleView[]; onClose: () => void }) {
  const toast = useToast();
  const [chosen, setChosen] = useState<readonly string[]>(person.person.roles.map((role) => role.key));
  const [reason, setReason] = useState('');
  const set = useDo('person_roles_set', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.people.rolesOf(person.person.name)}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" busy={set.busy} disabled={reason.trim() === ''} onClick={() => set.run({ person: person.person.id, roles: [...chosen], reason: reason.trim() })}>
            {text.act.save}
          </Button>
        </>
      }
    >
      <div className="form">
        <RoleBoxes roles={roles} chosen={chosen} onChange={setChosen} />
        <TextArea label={text.packet.why} required rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
        {set.error ? <ErrorNotice error={set.error} /> : null}
      </div>
    </Dialog>
  );
}

function Revoke({ person, keyView, onClose }: { person: PersonView; keyView: KeyView; onClose: () => void }) {
  const toast = useToast();
  const [reason, setReason] = useState('');
  const revoke = useDo('key_revoke', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.people.revokeOf(person.person.name)}
      intro={text.people.revokeIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="danger" busy={revoke.busy} disabled={reason.trim() === ''} onClick={() => revoke.run({ person: person.person.id, fingerprint: keyView.fingerprint, reason: reason.trim() })}>
            {text.people.revoke}
          </Button>
        </>
      }
    >
      <div className="form">
        <code className="selectable wrap-anywhere">{keyView.fingerprint}</code>
        <TextArea label={text.packet.why} required rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
        {revoke.error ? <ErrorNotice error={revoke.error} /> : null}
      </div>
    </Dialog>
  );
}
