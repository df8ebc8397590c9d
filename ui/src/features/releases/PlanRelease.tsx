import { useState } from 'react';
import { useDo } from '../../api/client';
import type { ReleaseRow } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { go, href } from '../../app/router';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextField } from '../../components/Field';
import { text } from '../../text';
import { fromLocal } from '../../text/time';

export function PlanRelease({ product, earlier, onClose }: { product: string; earlier: readonly ReleaseRow[]; onClose: () => void }) {
  const { view } = useDesk();
  const toast = useToast();
  const [of, setOf] = useState(product);
  const [name, setName] = useState('');
  const [planned, setPlanned] = useState('');
  const sources = earlier.filter((each) => each.product === of);
  const [copy, setCopy] = useState(sources[0]?.id ?? '');
  const create = useDo('release_create', (done) => {
    toast({ message: done.said });
    go(href(['releases', done.id]), true);
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.releases.plan}
      intro={text.releases.planIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" type="submit" form="plan-release" busy={create.busy} disabled={name.trim() === ''}>
            {text.releases.planDo}
          </Button>
        </>
      }
    >
      <form
        id="plan-release"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          create.run({ product: of, name: name.trim(), planned: fromLocal(planned), copy: sources.some((each) => each.id === copy) ? copy : null });
        }}
      >
        {view.products.length > 1 ? <Select label={text.app.product} value={of} choices={view.products.map((each) => ({ value: each.id, label: each.name }))} onChange={(event) => setOf(event.target.value)} /> : null}
        <TextField label={text.releases.name} required value={name} hint={text.releases.nameHint} onChange={(event) => setName(event.target.value)} />
        <div className="form-row">
          <TextField label={text.releases.planned} type="datetime-local" value={planned} onChange={(event) => setPlanned(event.target.value)} />
          <Select
            label={text.releases.copy}
            value={sources.some((each) => each.id === copy) ? copy : ''}
            choices={[{ value: '', label: text.releases.copyNone }, ...sources.map((each) => ({ value: each.id, label: each.name }))]}
            onChange={(event) => setCopy(event.target.value)}
          />
        </div>
        {create.error ? <ErrorNotice error={create.error} /> : null}
      </form>
    </Dialog>
  );
}
