import { useState } from 'react';
import { useDo } from '../../api/client';
import type { ReleaseView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Person } from '../../components/Avatar';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { RelativeTime } from '../../components/RelativeTime';
import { text } from '../../text';
import { SignFields, useSigning } from '../packet/Signing';

/** The voices of the stakeholders. Dissent is kept: an earlier voice stays, marked as replaced. */
export function GoNoGo({ view }: { view: ReleaseView }) {
  return (
    <div className="pad stack loose measure">
      {view.go_sentence ? <p className="strong">{view.go_sentence}</p> : <p className="muted">{text.releases.noGoRule}</p>}
      {view.voices.length === 0 ? <p className="muted">{`${text.releases.noVoices}. ${text.releases.noVoicesNext}`}</p> : <Voices view={view} />}
      {view.go.allowed ? <Voice view={view} /> : view.finished ? null : <Reasons reasons={view.go.reasons} />}
    </div>
  );
}

export function Voices({ view }: { view: ReleaseView }) {
  return (
    <ul className="list">
      {view.voices.map((voice) => (
        <li key={`${voice.person}${voice.at}`} className="voice" data-past={voice.current ? undefined : ''}>
          <Person name={voice.person} note={voice.role.name} />
          <Pill tone={voice.current ? (voice.go ? 'go' : 'stop') : 'idle'} shape={voice.go ? 'check' : 'square'}>
            {voice.current ? text.releases.voice(voice.go) : text.releases.voicePast(voice.go)}
          </Pill>
          <span className="faint">
            <RelativeTime at={voice.at} />
          </span>
          {voice.comment ? <p className="quote">{voice.comment}</p> : null}
        </li>
      ))}
    </ul>
  );
}

function Voice({ view }: { view: ReleaseView }) {
  const toast = useToast();
  const signing = useSigning(view.go.roles);
  const [comment, setComment] = useState('');
  const voice = useDo('release_go', (done) => {
    toast({ message: done.said });
    setComment('');
  });
  const send = (go: boolean) => voice.run({ release: view.id, role: signing.role, go, comment: comment.trim(), passphrase: signing.passphrase || null });
  return (
    <section className="card form" aria-label={text.releases.yourVoice}>
      <h2>{text.releases.yourVoice}</h2>
      <TextArea label={text.packet.comment} hint={text.releases.voiceHint} rows={2} value={comment} onChange={(event) => setComment(event.target.value)} />
      <SignFields signing={signing} roles={view.go.roles} asksPassphrase={false} error={voice.error} />
      {voice.error ? <ErrorNotice error={voice.error} /> : null}
      <div className="row">
        <Button kind="danger" busy={voice.busy} disabled={comment.trim() === ''} onClick={() => send(false)}>
          {text.releases.sayNoGo}
        </Button>
        <Button kind="primary" busy={voice.busy} onClick={() => send(true)}>
          {text.releases.sayGo}
        </Button>
      </div>
    </section>
  );
}
