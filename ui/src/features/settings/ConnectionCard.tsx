import { useState } from 'react';
import { useDo } from '../../api/client';
import type { ConnectionView } from '../../api/wire';
import { noticeLook } from '../../app/looks';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Notice } from '../../components/Notice';
import { Pill } from '../../components/Pill';
import { Reasons } from '../../components/Reasons';
import { text } from '../../text';
import { EditConnection } from './EditConnection';
import { TestResult } from './TestResult';

/** One connection: where it leads, whether its secret is here, what keeps it from working, and its test. */
export function ConnectionCard({ connection }: { connection: ConnectionView }) {
  const [editing, setEditing] = useState(false);
  const test = useDo('connection_test');
  const { address, problem } = connection;
  return (
    <article className="card stack">
      <div className="row wrap">
        <h2>{connection.name}</h2>
        {connection.title === connection.name ? null : <Pill>{connection.title}</Pill>}
        {connection.plain_http ? (
          <Pill tone="wait" shape="diamond">
            {text.connections.unencrypted}
          </Pill>
        ) : null}
        <span className="push row wrap">
          <Button aria-label={text.connections.editThis(connection.name)} onClick={() => setEditing(true)}>
            {text.connections.edit}
          </Button>
          <Button
            busy={test.busy}
            busyWord={text.connections.testing}
            aria-label={text.connections.testThis(connection.name)}
            onClick={() => test.run({ connection: connection.id, kind: null, address: null, typed_host: null, secret: null, prefix: null })}
          >
            {text.connections.test}
          </Button>
        </span>
      </div>
      {address ? <code className="selectable wrap-anywhere muted">{address.base || Object.values(address.options).join(' · ')}</code> : null}
      <p className="muted">
        {[text.connections.secrets[connection.secret], connection.services.length > 0 ? text.connections.serves(connection.services.join(', ')) : ''].filter(Boolean).join(' ')}
      </p>
      {problem ? (
        <Notice look={noticeLook.wait} title={text.connections.unusable}>
          <Reasons reasons={[problem]} />
        </Notice>
      ) : null}
      {test.error ? <ErrorNotice error={test.error} /> : null}
      {test.response && !test.busy ? <TestResult found={test.response} /> : null}
      {editing ? <EditConnection connection={connection} onClose={() => setEditing(false)} /> : null}
    </article>
  );
}
