import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { PacketView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea } from '../../components/Field';
import { KeyValue } from '../../components/KeyValue';
import { Notice } from '../../components/Notice';
import { Reasons } from '../../components/Reasons';
import { text } from '../../text';
import { SignFields, useSigning } from './Signing';

/** Confirms a promotion: by which mechanism, step by step, and what stands in the stage now. */
export function Promote({ view, onClose }: { view: PacketView; onClose: () => void }) {
  const toast = useToast();
  const at = { build: view.build.id, stage: view.stage.key };
  const preview = useAsk('promotion_preview', at);
  const roles = view.acts.promote.roles;
  const signing = useSigning(roles);
  const [reason, setReason] = useState('');
  const [shown] = useState(view.digest);
  const promote = useDo('build_promote', (done) => {
    toast({ message: done.said });
    onClose();
  });
  const needsReason = view.acts.reason_needed && reason.trim() === '';
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.promote.title(view.service.name, view.build.label, view.stage.name)}
      intro={text.promote.intro}
      footer={
        <>
          <Button onClick={onClose} disabled={promote.busy}>
            {text.act.cancel}
          </Button>
          <Button
            kind="primary"
            busy={promote.busy}
            disabled={needsReason || preview.data?.allowed === false}
            onClick={() => promote.run({ ...at, role: signing.role, reason: reason.trim(), packet: shown, passphrase: signing.passphrase || null })}
          >
            {text.promote.sign(view.stage.name)}
          </Button>
        </>
      }
    >
      <div className="form">
        <Answer of={preview}>
          {(known) => (
            <>
              <KeyValue
                facts={[
                  [text.promote.now, known.now ? <code key="now">{known.now.label}</code> : text.promote.nothingNow],
                  [text.promote.next, <code key="next">{view.build.label}</code>],
                  [text.promote.mechanism, known.mechanism],
                  known.system ? [text.promote.system, known.account ? text.promote.as(known.system, known.account) : known.system] : null,
                ]}
              />
              {known.will_do.length > 0 ? (
                <div className="stack tight">
                  <h3 className="field-label">{text.promote.willDo}</h3>
                  <ol className="steps-list">
                    {known.will_do.map((step) => (
                      <li key={step}>{step}</li>
                    ))}
                  </ol>
                </div>
              ) : null}
              {known.allowed ? null : (
                <Notice look={{ tone: 'wait', shape: 'slash' }} title={text.promote.closed}>
                  <Reasons reasons={known.reasons} />
                </Notice>
              )}
            </>
          )}
        </Answer>
        <TextArea
          label={view.acts.reason_needed ? text.promote.whyOlder : text.promote.why}
          required={view.acts.reason_needed}
          hint={view.acts.reason_needed ? text.promote.whyOlderHint : undefined}
          rows={2}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <SignFields signing={signing} roles={roles} asksPassphrase={view.asks_passphrase} error={promote.error} />
        {promote.error ? <ErrorNotice error={promote.error} /> : null}
      </div>
    </Dialog>
  );
}
