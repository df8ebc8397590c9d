import { useState, type FormEvent } from 'react';
import { useDo } from '../../api/client';
import type { ServiceBrief } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextField } from '../../components/Field';
import { text } from '../../text';

const empty = { label: '', commit: '', author: '', features: '', sha256: '', application: '', configuration: '', infrastructure: '', data: '' };

/** Records a build by hand, for a service whose builds no pipeline reports. */
export function RecordBuild({ open, onClose, service }: { open: boolean; onClose: () => void; service: ServiceBrief }) {
  const toast = useToast();
  const [form, setForm] = useState(empty);
  const record = useDo('build_record', (done) => {
    toast({ message: done.said });
    setForm(empty);
    onClose();
  });
  const field = (key: keyof typeof empty) => ({
    label: text.build[key],
    value: form[key],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [key]: event.target.value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    record.run({
      ...form,
      service: service.id,
      label: form.label.trim(),
      features: form.features.split(/[\s,]+/u).filter(Boolean),
      sha256: form.sha256.trim() || null,
    });
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={text.build.recordTitle(service.name)}
      intro={text.build.recordIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" type="submit" form="record-build" busy={record.busy} disabled={form.label.trim() === ''}>
            {text.line.record}
          </Button>
        </>
      }
    >
      <form id="record-build" className="form" onSubmit={submit}>
        <div className="form-row">
          <TextField {...field('label')} required hint={text.build.labelHint} />
          <TextField {...field('commit')} />
        </div>
        <TextField {...field('features')} hint={text.build.featuresHint} />
        <div className="form-row">
          <TextField {...field('author')} />
          <TextField {...field('sha256')} hint={text.build.shaHint} />
        </div>
        <fieldset>
          <legend>{text.build.components}</legend>
          <div className="form-row">
            <TextField {...field('application')} />
            <TextField {...field('configuration')} />
            <TextField {...field('infrastructure')} />
            <TextField {...field('data')} />
          </div>
        </fieldset>
        {record.error ? <ErrorNotice error={record.error} /> : null}
      </form>
    </Dialog>
  );
}
