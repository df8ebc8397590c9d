import { useState } from 'react';
import { useDo } from '../../api/client';
import type { ActState, DeploymentState, PacketView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextArea } from '../../components/Field';
import { text } from '../../text';
import { useSigning } from './Signing';

export type SmallAct = 'retry' | 'release_failed' | 'cancel' | 'settle' | 'answer_again' | 'settle_answer' | 'retry_there';

/** Every small act, in the order of their buttons. */
export const smallActs: readonly SmallAct[] = ['retry', 'release_failed', 'cancel', 'settle', 'answer_again', 'settle_answer', 'retry_there'];

/** Acts that are signed in a role of the person's choice. */
const inARole: readonly SmallAct[] = ['retry', 'release_failed'];
const asksOutcome: readonly SmallAct[] = ['settle', 'settle_answer'];

const outcomes: readonly DeploymentState[] = ['succeeded', 'failed', 'not_done'];

/** The acts around a deployment or an answer that need a reason and nothing more. */
export function ActForm({ view, act, onDone }: { view: PacketView; act: SmallAct; onDone: () => void }) {
  const toast = useToast();
  const state: ActState = view.acts[act];
  const { role, setRole } = useSigning(state.roles);
  const [reason, setReason] = useState('');
  const [outcome, setOutcome] = useState<DeploymentState>('succeeded');
  const after = (done: { said: string }) => {
    toast({ message: done.said });
    onDone();
  };
  const retry = useDo('deployment_retry', after);
  const release = useDo('failure_release', after);
  const cancel = useDo('deployment_cancel', after);
  const settle = useDo('deployment_settle', after);
  const answerAgain = useDo('answer_again', after);
  const settleAnswer = useDo('answer_settle', after);
  const retryThere = useDo('remote_retry', after);
  const doing = { retry, release_failed: release, cancel, settle, answer_again: answerAgain, settle_answer: settleAnswer, retry_there: retryThere }[act];
  const deployment = view.deployment?.id ?? '';
  const at = { build: view.build.id, stage: view.stage.key };
  const send = () => {
    if (act === 'retry') retry.run({ ...at, role, reason });
    else if (act === 'release_failed') release.run({ ...at, role, reason });
    else if (act === 'cancel') cancel.run({ deployment, reason });
    else if (act === 'settle') settle.run({ ...at, deployment, outcome, detail: reason });
    else if (act === 'answer_again') answerAgain.run({ ...at, reason });
    else if (act === 'settle_answer') settleAnswer.run({ ...at, answer: view.remote_gate?.answer?.id ?? '', outcome, detail: reason });
    else retryThere.run({ ...at, reason });
  };
  return (
    <form
      className="stack"
      aria-label={text.packet.small[act]}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <p className="muted">{text.packet.smallMeans[act]}</p>
      {asksOutcome.includes(act) ? (
        <Select label={text.packet.outcome} value={outcome} choices={outcomes.map((each) => ({ value: each, label: text.deployment.word[each] }))} onChange={(event) => setOutcome(event.target.value as DeploymentState)} />
      ) : null}
      {state.roles.length > 1 && inARole.includes(act) ? (
        <Select label={text.packet.role} value={role} choices={state.roles.map((each) => ({ value: each.key, label: each.name }))} onChange={(event) => setRole(event.target.value)} />
      ) : null}
      <TextArea label={text.packet.why} rows={2} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
      {doing.error ? <ErrorNotice error={doing.error} /> : null}
      <div className="sheet-acts">
        <Button onClick={onDone} disabled={doing.busy}>
          {text.act.back}
        </Button>
        <Button kind={act === 'cancel' ? 'danger' : 'primary'} type="submit" busy={doing.busy} disabled={reason.trim() === ''}>
          {text.packet.smallDo[act]}
        </Button>
      </div>
    </form>
  );
}
