import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { useDo } from '../../api/client';
import type { Meaning, PacketView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextArea } from '../../components/Field';
import { text } from '../../text';
import { SignFields, useSigning } from './Signing';

const meanings: readonly Meaning[] = ['approval', 'review', 'responsibility'];

/** The last step of a decision: the comment, the role, the signature. */
export function Decide({ view, approved, onDone }: { view: PacketView; approved: boolean; onDone: () => void }) {
  const toast = useToast();
  const roles = (approved ? view.acts.approve : view.acts.reject).roles;
  const signing = useSigning(roles);
  const [comment, setComment] = useState('');
  const [meaning, setMeaning] = useState<Meaning>('approval');
  // What was shown when the form opened is what gets signed: a packet that changes meanwhile is refused by the core.
  const [shown] = useState(view.digest);
  const sign = useDo('gate_sign', (done) => {
    toast({ message: done.said });
    onDone();
  });
  const moved = view.digest !== shown;
  const needsReason = !approved && comment.trim() === '';
  const send = () => {
    if (needsReason || sign.busy) return;
    sign.run({
      build: view.build.id,
      stage: view.stage.key,
      approved,
      role: signing.role,
      meaning,
      comment: comment.trim(),
      packet: shown,
      passphrase: signing.passphrase || null,
    });
  };
  return (
    <form
      className="stack"
      aria-label={approved ? text.packet.approveThis(view.build.label) : text.packet.rejectThis(view.build.label)}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === 'Escape') {
          event.preventDefault();
          onDone();
        } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          send();
        }
      }}
    >
      <TextArea
        label={approved ? text.packet.comment : text.packet.reason}
        hint={approved ? text.packet.commentHint : text.packet.reasonHint}
        required={!approved}
        rows={approved ? 2 : 3}
        autoFocus
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      {approved ? (
        <Select label={text.packet.meaning} value={meaning} choices={meanings.map((each) => ({ value: each, label: text.packet.meanings[each] }))} onChange={(event) => setMeaning(event.target.value as Meaning)} />
      ) : null}
      <SignFields signing={signing} roles={roles} asksPassphrase={view.asks_passphrase} error={sign.error} />
      {moved && !sign.busy ? <p className="field-error">{text.packet.moved}</p> : null}
      {sign.error ? <ErrorNotice error={sign.error} /> : null}
      <div className="sheet-acts">
        <Button onClick={onDone} disabled={sign.busy}>
          {text.act.cancel}
        </Button>
        <Button kind={approved ? 'primary' : 'danger'} type="submit" busy={sign.busy} disabled={needsReason} keys="mod+enter">
          {approved ? text.packet.signApprove : text.packet.signReject}
        </Button>
      </div>
    </form>
  );
}
