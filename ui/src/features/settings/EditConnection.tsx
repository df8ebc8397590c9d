import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { ConnectionView, KindView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { InSight } from '../../components/InSight';
import { text } from '../../text';
import { AddressFields } from './AddressFields';
import { asksForHost, besideOf, draftOf, formOf, isFilled } from './addressDraft';
import { TestResult } from './TestResult';

/** Where a known connection leads from this machine, and its secret. */
export function EditConnection({ connection, onClose }: { connection: ConnectionView; onClose: () => void }) {
  const kinds = useAsk('connection_kinds', {});
  return (
    <Answer of={kinds}>
      {(list) => {
        const kind = list.kinds.find((each) => each.kind === connection.kind);
        return kind ? <Form kind={kind} connection={connection} onClose={onClose} /> : null;
      }}
    </Answer>
  );
}

function Form({ kind, connection, onClose }: { kind: KindView; connection: ConnectionView; onClose: () => void }) {
  const toast = useToast();
  const [draft, setDraft] = useState(() => draftOf(connection.address));
  const kept = connection.secret === 'kept';
  const test = useDo('connection_test');
  const save = useDo('connection_address', (done) => {
    toast({ message: done.said });
    onClose();
  });
  const forget = useDo('connection_secret_forget', (done) => {
    toast({ message: done.said });
    onClose();
  });
  const filled = isFilled(kind, draft, kept);
  const failed = save.error ?? forget.error;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={connection.name}
      intro={text.connections.editIntro}
      footer={
        <>
          {kept ? (
            <Button kind="danger" busy={forget.busy} busyWord={text.connections.forgetting} onClick={() => forget.run({ connection: connection.id })}>
              {text.connections.forget}
            </Button>
          ) : null}
          <span className="push row">
            <Button
              busy={test.busy}
              busyWord={text.connections.testing}
              disabled={!filled}
              onClick={() => test.run({ connection: connection.id, kind: null, address: formOf(draft), prefix: null, ...besideOf(draft) })}
            >
              {text.connections.test}
            </Button>
            <Button kind="primary" busy={save.busy} disabled={!filled} onClick={() => save.run({ connection: connection.id, address: formOf(draft), ...besideOf(draft) })}>
              {text.connections.save}
            </Button>
          </span>
        </>
      }
    >
      <div className="form">
        <AddressFields kind={kind} draft={draft} onChange={setDraft} secretKept={kept} asksHost={draft.typedHost !== '' || asksForHost([test.error, save.error])} />
        {kept ? <p className="faint">{text.connections.originRule}</p> : null}
        {test.error ? (
          <InSight>
            <ErrorNotice error={test.error} />
          </InSight>
        ) : null}
        {test.response && !test.busy ? (
          <InSight>
            <TestResult found={test.response} />
          </InSight>
        ) : null}
        {failed ? (
          <InSight>
            <ErrorNotice error={failed} />
          </InSight>
        ) : null}
      </div>
    </Dialog>
  );
}
