import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { MemberOutcome, ReleaseView, SendMember, SendView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextArea } from '../../components/Field';
import { Notice } from '../../components/Notice';
import { Pill, type StatusLook } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { RelativeTime } from '../../components/RelativeTime';
import { Table, type Column } from '../../components/Table';
import { text } from '../../text';
import { SignFields, useSigning } from '../packet/Signing';

const outcomeLook: Record<MemberOutcome, StatusLook> = {
  sent: { tone: 'accent', shape: 'arrow' },
  running: { tone: 'accent', shape: 'circle' },
  done: { tone: 'go', shape: 'check' },
  failed: { tone: 'stop', shape: 'cross' },
  unknown: { tone: 'wait', shape: 'question' },
  refused: { tone: 'stop', shape: 'slash' },
  nothing_to_approve: { tone: 'idle', shape: 'dot' },
  rejected: { tone: 'stop', shape: 'square' },
};

const columns: Column<SendMember>[] = [
  { key: 'service', head: text.send.service, width: 'min', cell: (member) => <span className="strong">{member.service.name}</span> },
  { key: 'build', head: text.send.build, width: 'min', cell: (member) => (member.build ? <code>{member.build.label}</code> : <span className="faint">{text.send.noBuild}</span>) },
  {
    key: 'way',
    head: text.send.way,
    cell: (member) => (
      <div className="stack tight">
        {member.way ? <span>{member.way}</span> : null}
        {member.reasons.length > 0 ? <Reasons reasons={member.reasons} /> : null}
      </div>
    ),
  },
  { key: 'outcome', head: text.send.outcome, width: 'min', cell: (member) => (member.outcome ? <Pill {...outcomeLook[member.outcome]}>{text.send.outcomes[member.outcome]}</Pill> : null) },
  { key: 'since', head: text.send.sentAt, width: 'min', optional: true, cell: (member) => (member.at ? <span className="muted"><RelativeTime bare at={member.at} /></span> : null) },
];

/** One decision for the whole release: how each service goes on, and what became of it. */
export function Send({ release }: { release: ReleaseView }) {
  const [stage, setStage] = useState('');
  const sheet = useAsk('send_show', { release: release.id, stage });
  return (
    <div className="pad stack loose">
      <p className="muted measure">{text.send.intro}</p>
      <Answer of={sheet}>
        {(known) => (
          <>
            <div className="short">
              <Select label={text.send.stage} value={known.stage.key} choices={known.stages.map((each) => ({ value: each.key, label: each.name }))} onChange={(event) => setStage(event.target.value)} />
            </div>
            {known.vetoed.length > 0 ? <Notice look={{ tone: 'stop', shape: 'slash' }} title={text.send.vetoed(known.vetoed.map((build) => build.label).join(', '))} /> : null}
            {known.decided ? (
              <p>
                {text.send.decided(known.decided.by, known.decided.resumed)} <RelativeTime at={known.decided.at} />
                {known.decided.comment ? <span className="quote block">{known.decided.comment}</span> : null}
              </p>
            ) : null}
            <Table label={text.send.members} rows={known.members} rowKey={(member) => member.service.id} columns={columns} />
            <Everything view={known} />
            {release.finished ? null : <Decide key={`${known.stage.key}:${known.decided?.at ?? ''}`} release={release} view={known} />}
          </>
        )}
      </Answer>
    </div>
  );
}

function Everything({ view }: { view: SendView }) {
  return (
    <details>
      <summary>{text.packet.everyLine}</summary>
      <dl className="packet-lines">
        {view.parts.flatMap((part) =>
          part.lines.map((line) => (
            <div key={`${part.part}/${line.label}`}>
              <dt>
                {part.part} · {line.label}
              </dt>
              <dd>{line.text}</dd>
            </div>
          )),
        )}
      </dl>
      <code className="faint selectable wrap-anywhere">{view.digest}</code>
    </details>
  );
}

/** Signs the decision, or sends again what did not go. */
function Decide({ release, view }: { release: ReleaseView; view: SendView }) {
  const toast = useToast();
  const again = view.decided !== null;
  const act = again ? view.resume : view.decide;
  const signing = useSigning(act.roles);
  const [words, setWords] = useState('');
  const after = (done: { said: string }) => {
    toast({ message: done.said });
    setWords('');
  };
  const send = useDo('release_send', after);
  const resume = useDo('release_resume', after);
  const doing = again ? resume : send;
  if (!act.allowed) {
    return (
      <div className="why">
        <span className="strong">{again ? text.send.nothingAgain : text.send.notYet}</span>
        <Reasons reasons={act.reasons} />
      </div>
    );
  }
  const run = () => {
    const signed = { release: release.id, role: signing.role, packet: view.digest, passphrase: signing.passphrase || null };
    if (again) resume.run({ ...signed, reason: words.trim() });
    else send.run({ ...signed, stage: view.stage.key, comment: words.trim() });
  };
  return (
    <form
      className="card form measure"
      aria-label={again ? text.send.again : text.send.decide(view.stage.name)}
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <h2>{again ? text.send.again : text.send.decide(view.stage.name)}</h2>
      <p className="muted">{again ? text.send.againMeans : text.send.means}</p>
      <TextArea label={again ? text.packet.why : text.packet.comment} required={again} rows={2} value={words} onChange={(event) => setWords(event.target.value)} />
      <SignFields signing={signing} roles={act.roles} asksPassphrase={view.asks_passphrase} error={doing.error} />
      {doing.error ? <ErrorNotice error={doing.error} /> : null}
      <div className="row">
        <Button kind="primary" type="submit" busy={doing.busy} disabled={again && words.trim() === ''}>
          {again ? text.send.againDo : text.send.sign(view.stage.name)}
        </Button>
      </div>
    </form>
  );
}
