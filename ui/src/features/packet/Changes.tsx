import { useState } from 'react';
import { useDo } from '../../api/client';
import type { UnexplainedView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { SheetSection } from '../../components/Sheet';
import { text } from '../../text';

/** What stands in a stage at the pipeline system and nothing in the ledger explains. */
export function Changes({ changes }: { changes: UnexplainedView[] }) {
  return changes.map((change) => <Change key={change.id} change={change} />);
}

function Change({ change }: { change: UnexplainedView }) {
  const toast = useToast();
  const [writing, setWriting] = useState(false);
  const [reason, setReason] = useState('');
  const explain = useDo('change_explain', (done) => toast({ message: done.said }));
  return (
    <SheetSection title={text.change.title} aside={<Pill tone="stop" shape="question">{text.change.found(change.build?.label ?? change.found)}</Pill>}>
      <p className="wrap-anywhere">{change.detail}</p>
      <span className="muted">
        {text.change.seen} <RelativeTime at={change.at} />
      </span>
      {writing ? (
        <form
          className="stack"
          aria-label={text.change.title}
          onSubmit={(event) => {
            event.preventDefault();
            explain.run({ change: change.id, reason });
          }}
        >
          <TextArea label={text.change.why} rows={2} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
          {explain.error ? <ErrorNotice error={explain.error} /> : null}
          <div className="sheet-acts">
            <Button onClick={() => setWriting(false)} disabled={explain.busy}>
              {text.act.back}
            </Button>
            <Button kind="primary" type="submit" busy={explain.busy} disabled={reason.trim() === ''}>
              {text.change.explainDo}
            </Button>
          </div>
        </form>
      ) : change.explain.allowed ? (
        <Button size="small" className="start" onClick={() => setWriting(true)}>
          {text.change.explain}
        </Button>
      ) : null}
    </SheetSection>
  );
}
