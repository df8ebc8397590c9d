import { useState } from 'react';
import { useDo, useHost } from '../../api/client';
import type { EntryFilter, ExportFormat } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, Select } from '../../components/Field';
import { KeyValue } from '../../components/KeyValue';
import { Notice } from '../../components/Notice';
import { text } from '../../text';
import { number } from '../../text/time';

const formats: Record<ExportFormat, string> = { csv: 'csv', jsonl: 'jsonl', allowed_signers: 'txt', checkpoint: 'txt' };
const nothing: EntryFilter = { person: null, kind: null, subject_kind: null, subject: null, from: null, until: null };

/** Writes entries to a file that the person chooses in the native dialog. */
export function ExportDialog({ filter, filtered, onClose }: { filter: EntryFilter; filtered: boolean; onClose: () => void }) {
  const host = useHost();
  const { view } = useDesk();
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [whole, setWhole] = useState(!filtered);
  const [asking, setAsking] = useState(false);
  const write = useDo('ledger_export');
  const rows = format === 'csv' || format === 'jsonl';
  const choose = async () => {
    setAsking(true);
    const name = `${(view.ledger?.name ?? 'ledger').toLowerCase().replace(/[^a-z0-9]+/gu, '-')}-${format.replace('_', '-')}.${formats[format]}`;
    const path = await host.saveDialog({ title: text.ledger.export, name, extension: formats[format] }).finally(() => setAsking(false));
    if (path) write.run({ format, path, filter: rows && !whole ? filter : nothing });
  };
  const done = write.response;
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.ledger.export}
      intro={text.ledger.exportIntro}
      footer={
        <>
          <Button onClick={onClose}>{done ? text.act.close : text.act.cancel}</Button>
          <Button kind="primary" busy={write.busy || asking} busyWord={asking ? text.ledger.choosing : text.ledger.writing} onClick={() => void choose()}>
            {text.ledger.chooseFile}
          </Button>
        </>
      }
    >
      <div className="form">
        <Select label={text.ledger.format} value={format} hint={text.ledger.formatHint[format]} choices={(Object.keys(formats) as ExportFormat[]).map((each) => ({ value: each, label: text.ledger.formats[each] }))} onChange={(event) => setFormat(event.target.value as ExportFormat)} />
        {rows && filtered ? <Checkbox label={text.ledger.exportWhole} hint={text.ledger.exportWholeHint} checked={whole} onChange={(event) => setWhole(event.target.checked)} /> : null}
        {write.error ? <ErrorNotice error={write.error} /> : null}
        {done ? (
          <>
            <Notice look={{ tone: 'go', shape: 'check' }} title={text.ledger.exported(number(done.entries))} />
            <KeyValue
              facts={[
                [text.ledger.file, <code key="path">{done.path}</code>],
                [text.ledger.sha, <code key="sha">{done.sha256}</code>],
              ]}
            />
          </>
        ) : null}
      </div>
    </Dialog>
  );
}
