import { useEffect, useRef } from 'react';
import { useAsk, useDo } from '../../api/client';
import { href } from '../../app/router';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { KeyValue } from '../../components/KeyValue';
import { Notice } from '../../components/Notice';
import { Progress } from '../../components/Progress';
import { text } from '../../text';
import { duration, number } from '../../text/time';

/** Verifies from the first entry, with progress; can be stopped. */
export function VerifyDialog({ onClose }: { onClose: () => void }) {
  const verify = useDo('ledger_verify');
  const cancel = useDo('verify_cancel');
  const started = useRef(false);
  const begin = verify.run;
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    begin({});
  }, [begin]);
  const progress = useAsk('verify_progress', {}, { when: verify.busy, every: verify.busy ? 250 : false });
  const found = verify.response;
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.ledger.verify}
      intro={text.ledger.verifyIntro}
      footer={
        verify.busy ? (
          <Button busy={cancel.busy} onClick={() => cancel.run({})}>
            {text.ledger.stop}
          </Button>
        ) : (
          <>
            <Button onClick={() => verify.run({})}>{text.ledger.again}</Button>
            <Button kind="primary" onClick={onClose}>
              {text.act.close}
            </Button>
          </>
        )
      }
    >
      {verify.busy ? (
        <Progress
          done={progress.data?.done ?? 0}
          of={progress.data?.running ? progress.data.total : null}
          label={text.ledger.verifying}
          words={progress.data?.running ? text.ledger.progress(number(progress.data.done), number(progress.data.total)) : text.ledger.verifying}
        />
      ) : null}
      {verify.error ? <ErrorNotice error={verify.error} /> : null}
      {found ? (
        <div className="form">
          {found.findings.length === 0 ? (
            <Notice look={{ tone: 'go', shape: 'check' }} title={text.ledger.sound(number(found.size))} />
          ) : (
            <Notice look={{ tone: 'stop', shape: 'square' }} title={text.ledger.findings(found.findings.length)}>
              <ul className="reasons">
                {found.findings.map((finding) => (
                  <li key={`${finding.index ?? ''}${finding.code}${finding.sentence}`} className="selectable">
                    {finding.index === null ? null : finding.entry ? <a href={href(['ledger', finding.entry])}>{text.ledger.number(number(finding.index))}</a> : <span className="strong">{text.ledger.number(number(finding.index))}</span>}{' '}
                    {finding.sentence} <code className="faint">{finding.code}</code>
                  </li>
                ))}
              </ul>
            </Notice>
          )}
          <KeyValue
            facts={[
              [text.ledger.entries, number(found.size)],
              [text.ledger.root, <code key="root">{found.root}</code>],
              [text.ledger.took, found.millis < 1_000 ? text.time.millis(found.millis) : duration(found.millis)],
            ]}
          />
        </div>
      ) : null}
    </Dialog>
  );
}
