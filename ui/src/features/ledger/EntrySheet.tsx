import { useAsk } from '../../api/client';
import { href } from '../../app/router';
import { Answer } from '../../components/Answer';
import { KeyValue } from '../../components/KeyValue';
import { visibleLines } from '../../components/logText';
import { Pill } from '../../components/Pill';
import { Sheet, SheetSection } from '../../components/Sheet';
import { text } from '../../text';
import { exact, number } from '../../text/time';

/** One entry, whole: the fact, the stored bytes, and what its signature covers. */
export function EntrySheet({ entry, onClose }: { entry: string; onClose: () => void }) {
  const show = useAsk('ledger_entry', { entry });
  return (
    <Sheet
      label={text.ledger.sheet}
      onClose={onClose}
      status={show.data ? <Pill>{text.ledger.number(number(show.data.row.seq))}</Pill> : null}
      title={show.data?.row.sentence ?? text.ledger.sheet}
      subtitle={show.data ? <code>{show.data.row.kind}</code> : null}
    >
      <Answer of={show}>
        {(view) => (
          <>
            <SheetSection title={text.ledger.signedBy}>
              <KeyValue
                facts={[
                  [text.ledger.who, view.row.author_name],
                  [text.ledger.role, view.row.role],
                  [text.ledger.at, <span key="at" className="pre">{exact(view.row.at)}</span>],
                  [text.ledger.key, <code key="key">{view.key}</code>],
                  [text.ledger.after, text.ledger.afterEntries(number(view.after_size))],
                  [text.ledger.root, <code key="root">{view.after_root}</code>],
                  view.packet ? [text.ledger.packet, <code key="packet">{view.packet}</code>] : null,
                  view.cause ? [text.ledger.cause, <a key="cause" href={href(['ledger', view.cause])}>{view.cause}</a>] : null,
                  [text.ledger.act, <code key="act">{view.row.act}</code>],
                  [text.ledger.leaf, <code key="leaf">{view.leaf}</code>],
                ]}
              />
            </SheetSection>
            <Bytes title={text.ledger.payload} bytes={view.payload ?? text.ledger.redacted} />
            <Bytes title={text.ledger.header} bytes={view.header} />
            <Bytes title={text.ledger.signature} bytes={view.signature} />
          </>
        )}
      </Answer>
    </Sheet>
  );
}

function Bytes({ title, bytes }: { title: string; bytes: string }) {
  return (
    <SheetSection title={title}>
      <pre className="bytes" tabIndex={0} aria-label={title}>
        {visibleLines(bytes).join('\n')}
      </pre>
    </SheetSection>
  );
}
