import { useState } from 'react';
import { useDo } from '../../api/client';
import type { BuildBrief, RoleView, StageBrief } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea } from '../../components/Field';
import { text } from '../../text';
import { SignFields, useSigning } from './Signing';

interface RollBackProps {
  build: BuildBrief;
  stage: StageBrief;
  roles: readonly RoleView[];
  asksPassphrase: boolean;
  onClose: () => void;
}

/** Brings back a build that passed here before. */
export function RollBack({ build, stage, roles, asksPassphrase, onClose }: RollBackProps) {
  const toast = useToast();
  const signing = useSigning(roles);
  const [reason, setReason] = useState('');
  const rollBack = useDo('build_roll_back', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.rollBack.title(stage.name, build.label)}
      intro={text.rollBack.intro(stage.name)}
      footer={
        <>
          <Button onClick={onClose} disabled={rollBack.busy}>
            {text.act.cancel}
          </Button>
          <Button
            kind="danger"
            busy={rollBack.busy}
            disabled={reason.trim() === ''}
            onClick={() => rollBack.run({ build: build.id, stage: stage.key, role: signing.role, reason: reason.trim(), passphrase: signing.passphrase || null })}
          >
            {text.rollBack.sign(build.label)}
          </Button>
        </>
      }
    >
      <div className="form">
        <TextArea label={text.packet.reason} required rows={3} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
        <SignFields signing={signing} roles={roles} asksPassphrase={asksPassphrase} error={rollBack.error} />
        {rollBack.error ? <ErrorNotice error={rollBack.error} /> : null}
      </div>
    </Dialog>
  );
}
