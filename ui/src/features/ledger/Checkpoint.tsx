import { useDo } from '../../api/client';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { text } from '../../text';

/** Makes a signed checkpoint and shows its text. */
export function Checkpoint({ onClose }: { onClose: () => void }) {
  const make = useDo('checkpoint_make');
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.ledger.checkpoint}
      intro={text.ledger.checkpointIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.close}</Button>
          <Button kind="primary" busy={make.busy} onClick={() => make.run({})}>
            {text.ledger.checkpointMake}
          </Button>
        </>
      }
    >
      {make.error ? <ErrorNotice error={make.error} /> : null}
      {make.response ? (
        <pre className="bytes" tabIndex={0} aria-label={text.ledger.checkpoint}>
          {make.response.note}
        </pre>
      ) : (
        <p className="muted">{text.ledger.checkpointNone}</p>
      )}
    </Dialog>
  );
}
