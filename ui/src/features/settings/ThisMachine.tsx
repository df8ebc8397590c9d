import { useState } from 'react';
import { useDo } from '../../api/client';
import type { DeskView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea, TextField } from '../../components/Field';
import { KeyValue } from '../../components/KeyValue';
import { Pill } from '../../components/Pill';
import { text } from '../../text';
import { number } from '../../text/time';

/** Where the ledger and the secrets lie, and what opens them. */
export function ThisMachine({ view }: { view: DeskView }) {
  const toast = useToast();
  const [passphrase, setPassphrase] = useState('');
  const [reason, setReason] = useState('');
  const unlock = useDo('desk_unlock', (done) => {
    toast({ message: done.said });
    setPassphrase('');
  });
  const accept = useDo('restore_accept', (done) => {
    toast({ message: done.said });
    setReason('');
  });
  const restored = (view.ledger?.findings ?? 0) > 0;
  return (
    <div className="pad stack loose measure">
      <KeyValue
        facts={[
          [text.machine.version, view.version],
          [text.machine.ledger, view.ledger ? text.machine.ledgerOf(view.ledger.name, number(view.ledger.size)) : text.state.none],
          view.ledger ? [text.machine.id, <code key="id">{view.ledger.id}</code>] : null,
          [text.machine.folder, <code key="folder">{view.folder}</code>],
          [text.machine.key, <code key="key">{view.key ?? text.state.none}</code>],
          [
            text.machine.secrets,
            <span key="secrets" className="row wrap">
              {text.machine.stores[view.secrets.store]}
              {view.secrets.usable ? <Pill tone="go" shape="check">{text.machine.usable}</Pill> : <Pill tone="stop" shape="square">{text.machine.locked}</Pill>}
            </span>,
          ],
        ]}
      />
      {view.secrets.detail ? <p className="muted">{view.secrets.detail}</p> : null}
      {view.secrets.usable ? null : (
        <form
          className="card form"
          aria-label={text.machine.unlock}
          onSubmit={(event) => {
            event.preventDefault();
            unlock.run({ passphrase });
          }}
        >
          <TextField label={text.packet.passphrase} type="password" value={passphrase} onChange={(event) => setPassphrase(event.target.value)} />
          {unlock.error ? <ErrorNotice error={unlock.error} /> : null}
          <Button className="start" kind="primary" type="submit" busy={unlock.busy} busyWord={text.machine.unlocking} disabled={passphrase === ''}>
            {text.machine.unlock}
          </Button>
        </form>
      )}
      {restored ? (
        <form
          className="card form"
          aria-label={text.machine.accept}
          onSubmit={(event) => {
            event.preventDefault();
            accept.run({ reason: reason.trim() });
          }}
        >
          <h2>{text.machine.accept}</h2>
          <p className="muted">{text.machine.acceptMeans}</p>
          <TextArea label={text.packet.why} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
          {accept.error ? <ErrorNotice error={accept.error} /> : null}
          <Button className="start" type="submit" busy={accept.busy} disabled={reason.trim() === ''}>
            {text.machine.accept}
          </Button>
        </form>
      ) : null}
    </div>
  );
}
