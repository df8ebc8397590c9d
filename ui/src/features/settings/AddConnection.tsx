import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { ConnectionRole, KindView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextField } from '../../components/Field';
import { InSight } from '../../components/InSight';
import { text } from '../../text';
import { AddressFields } from './AddressFields';
import { asksForHost, besideOf, emptyDraft, formOf, isFilled } from './addressDraft';
import { TestResult } from './TestResult';

/** First which system, then its form with a test, then it is added. */
export function AddConnection({ serves, onClose }: { serves: ConnectionRole; onClose: () => void }) {
  const kinds = useAsk('connection_kinds', {});
  const [chosen, setChosen] = useState<KindView | null>(null);
  if (chosen) return <Form kind={chosen} onBack={() => setChosen(null)} onClose={onClose} />;
  return (
    <Dialog open wide onClose={onClose} title={text.connections.addOf[serves]} intro={text.connections.addIntroOf[serves]} footer={<Button onClick={onClose}>{text.act.cancel}</Button>}>
      <Answer of={kinds}>
        {(list) => (
          <ul className="kinds">
            {list.kinds
              .filter((kind) => kind.role === serves)
              .map((kind) => (
                <li key={kind.kind}>
                  <button type="button" className="kind" onClick={() => setChosen(kind)}>
                    <span className="strong">{kind.title}</span>
                    <span className="muted">{text.connections.kinds[kind.kind] ?? ''}</span>
                  </button>
                </li>
              ))}
          </ul>
        )}
      </Answer>
    </Dialog>
  );
}

function Form({ kind, onBack, onClose }: { kind: KindView; onBack: () => void; onClose: () => void }) {
  const toast = useToast();
  const [name, setName] = useState(kind.title);
  const [draft, setDraft] = useState(emptyDraft);
  const test = useDo('connection_test');
  const add = useDo('connection_add', (done) => {
    toast({ message: done.said });
    onClose();
  });
  const filled = isFilled(kind, draft, false);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={text.connections.addKind(kind.title)}
      intro={kind.least}
      footer={
        <>
          <Button kind="quiet" onClick={onBack}>
            {text.connections.otherKind}
          </Button>
          <span className="push row">
            <Button
              busy={test.busy}
              busyWord={text.connections.testing}
              disabled={!filled}
              onClick={() => {
                add.clear();
                test.run({ connection: null, kind: kind.kind, address: formOf(draft), prefix: null, ...besideOf(draft) });
              }}
            >
              {text.connections.test}
            </Button>
            <Button kind="primary" busy={add.busy} disabled={name.trim() === '' || !filled} onClick={() => add.run({ kind: kind.kind, name: name.trim(), address: formOf(draft), ...besideOf(draft) })}>
              {text.connections.addDo}
            </Button>
          </span>
        </>
      }
    >
      <div className="form">
        <TextField label={text.connections.name} required hint={text.connections.nameHint} value={name} onChange={(event) => setName(event.target.value)} />
        <AddressFields kind={kind} draft={draft} onChange={setDraft} secretKept={false} asksHost={draft.typedHost !== '' || asksForHost([test.error, add.error])} />
        <p className="faint">{text.connections.docs(kind.docs)}</p>
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
        {add.error ? (
          <InSight>
            <ErrorNotice error={add.error} />
          </InSight>
        ) : null}
      </div>
    </Dialog>
  );
}
