import { useState } from 'react';
import { useDo } from '../../api/client';
import type { StrategyView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Person } from '../../components/Avatar';
import { Button } from '../../components/Button';
import { Diff } from '../../components/Diff';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { RelativeTime } from '../../components/RelativeTime';
import { text } from '../../text';
import { SignFields, useSigning } from '../packet/Signing';

/** Versions, what changed, who co-signed, and putting a version in force. */
export function Agreement({ view }: { view: StrategyView }) {
  const toast = useToast();
  const signing = useSigning(view.cosign.roles);
  const [comment, setComment] = useState('');
  const cosign = useDo('strategy_cosign', (done) => {
    toast({ message: done.said });
    setComment('');
  });
  const activate = useDo('strategy_activate', (done) => toast({ message: done.said }));
  const current = view.version === view.in_force;
  return (
    <div className="document">
      <section className="topic">
        <h2>{text.strategy.changed}</h2>
        {view.changes.length === 0 ? (
          <p className="muted">{current ? text.strategy.isInForce : text.strategy.noChanges}</p>
        ) : (
          <Diff changes={view.changes.map((change) => ({ what: change.line, before: change.before || null, after: change.now || null }))} />
        )}
      </section>
      <section className="topic">
        <h2>{text.strategy.cosigned}</h2>
        {view.cosigned.length === 0 ? <p className="muted">{text.strategy.nobodyCosigned}</p> : null}
        {view.cosigned.map((given) => (
          <div key={given.person + given.role.key} className="row wrap">
            <Pill tone="go" shape="check">{text.strategy.agreed}</Pill>
            <Person name={given.person} note={given.role.name} />
            <span className="faint"><RelativeTime at={given.at} /></span>
          </div>
        ))}
        {view.agreement_missing.map((role) => (
          <div key={role.key} className="row">
            <Pill tone="wait" shape="diamond">{text.strategy.missing}</Pill>
            <span>{role.name}</span>
          </div>
        ))}
      </section>
      {view.cosign.allowed ? (
        <form
          className="card form"
          aria-label={text.strategy.cosign}
          onSubmit={(event) => {
            event.preventDefault();
            cosign.run({ product: view.product, version: view.version, role: signing.role, comment: comment.trim(), passphrase: signing.passphrase || null });
          }}
        >
          <TextArea label={text.packet.comment} rows={2} value={comment} onChange={(event) => setComment(event.target.value)} />
          <SignFields signing={signing} roles={view.cosign.roles} asksPassphrase={false} error={cosign.error} />
          {cosign.error ? <ErrorNotice error={cosign.error} /> : null}
          <Button className="start" kind="primary" type="submit" busy={cosign.busy}>
            {text.strategy.cosign}
          </Button>
        </form>
      ) : null}
      {current ? null : (
        <section className="topic">
          <h2>{text.strategy.putInForce}</h2>
          <p className="muted">{text.strategy.putInForceMeans}</p>
          {view.activate.allowed ? null : <Reasons reasons={view.activate.reasons} />}
          {activate.error ? <ErrorNotice error={activate.error} /> : null}
          <Button className="start" kind="primary" busy={activate.busy} disabled={!view.activate.allowed} onClick={() => activate.run({ product: view.product, version: view.version })}>
            {text.strategy.activate(view.version)}
          </Button>
        </section>
      )}
      <section className="topic">
        <h2>{text.strategy.versions}</h2>
        <ul className="list">
          {view.versions.map((each) => (
            <li key={each.version} className="row">
              <span className="strong">{text.line.strategy(each.version)}</span>
              <span className="muted grow">{each.author}</span>
              <span className="faint"><RelativeTime at={each.activated ?? each.at} /></span>
              {each.version === view.in_force ? <Pill tone="go" shape="check">{text.strategy.inForce}</Pill> : each.activated ? <Pill>{text.strategy.was}</Pill> : <Pill tone="wait" shape="diamond">{text.strategy.draft}</Pill>}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
