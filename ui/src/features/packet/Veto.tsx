import { useState } from 'react';
import { useDo } from '../../api/client';
import type { BuildBrief, VetoView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea } from '../../components/Field';
import { Notice } from '../../components/Notice';
import { RelativeTime } from '../../components/RelativeTime';
import { text } from '../../text';

/** Ends a build's way everywhere: says what that means, and asks why. */
export function Veto({ build, onClose }: { build: BuildBrief; onClose: () => void }) {
  const toast = useToast();
  const [reason, setReason] = useState('');
  const what = text.build.title(build.service_name, build.label);
  const veto = useDo('build_veto', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.veto.title(what)}
      intro={text.veto.intro}
      footer={
        <>
          <Button onClick={onClose} disabled={veto.busy}>
            {text.act.cancel}
          </Button>
          <Button kind="danger" busy={veto.busy} disabled={reason.trim() === ''} onClick={() => veto.run({ build: build.id, reason: reason.trim() })}>
            {text.veto.actOf(what)}
          </Button>
        </>
      }
    >
      <div className="form">
        <ul className="bullets">
          {text.veto.means.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <TextArea label={text.veto.why} required rows={3} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
        {veto.error ? <ErrorNotice error={veto.error} /> : null}
      </div>
    </Dialog>
  );
}

/** Says on a sheet that its build was vetoed. */
export function Vetoed({ veto }: { veto: VetoView }) {
  return (
    <div className="pad">
      <Notice look={{ tone: 'stop', shape: 'slash' }} title={text.veto.given(veto.by)}>
        <p className="quote selectable">{veto.reason}</p>
        <span className="faint">
          <RelativeTime at={veto.at} />
        </span>
      </Notice>
    </div>
  );
}
