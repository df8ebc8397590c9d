import { useId, useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { ReleasingView, TriggerPreview } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Blocked } from '../../components/Blocked';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextField } from '../../components/Field';
import { Reasons } from '../../components/Reasons';
import { RelativeTime } from '../../components/RelativeTime';
import { text } from '../../text';
import { onClockOf, zoneHere } from '../../text/time';

const samples = { nightly: '30 2 * * *', weekdays: '0 6 * * 1-5', hourly: '0 * * * *', weekly: '0 4 * * 1' } as const;
type Sample = keyof typeof samples;

const sampleOf = (cron: string): Sample | undefined => (Object.keys(samples) as Sample[]).find((name) => samples[name] === cron);

/** When the product's tests begin by themselves. */
export function Trigger({ view }: { view: ReleasingView }) {
  const [setting, setSetting] = useState(false);
  const { trigger } = view;
  const sample = trigger ? sampleOf(trigger.cron) : undefined;
  return (
    <section className="card stack">
      <div className="row wrap between">
        <h2>{text.trigger.title}</h2>
        <Button disabled={!view.set_trigger.allowed} onClick={() => setSetting(true)}>
          {text.trigger.set}
        </Button>
      </div>
      {trigger ? (
        <>
          <p className="wrap-anywhere">
            {sample ? <span className="strong">{text.trigger.sampleOf[sample]} </span> : null}
            <code className="muted">{text.trigger.now(trigger.cron, trigger.zone)}</code>
          </p>
          <Times next={trigger.next} zone={trigger.zone} />
        </>
      ) : (
        <p>{text.trigger.never}</p>
      )}
      <p className="muted">{text.trigger.means}</p>
      <Blocked act={view.set_trigger} />
      {setting ? <SetTrigger view={view} onClose={() => setSetting(false)} /> : null}
    </section>
  );
}

/** The next instants on the clock of the trigger's zone, and on the clock here where that is another one. */
function Times({ next, zone }: { next: readonly string[]; zone: string }) {
  const here = zoneHere();
  return (
    <div className="table-scroll">
      <table className="times" aria-label={text.trigger.next}>
        <thead>
          <tr>
            <th scope="col">{text.trigger.there(zone)}</th>
            {here === zone ? null : <th scope="col">{text.trigger.here(here)}</th>}
            <th scope="col">{text.productTest.when}</th>
          </tr>
        </thead>
        <tbody>
          {next.map((at) => (
            <tr key={at}>
              <td className="nowrap">{onClockOf(zone, at)}</td>
              {here === zone ? null : <td className="nowrap muted">{onClockOf(here, at)}</td>}
              <td className="nowrap muted">
                <RelativeTime at={at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SetTrigger({ view, onClose }: { view: ReleasingView; onClose: () => void }) {
  const toast = useToast();
  const zones = useId();
  const [cron, setCron] = useState(view.trigger?.cron ?? samples.nightly);
  const [zone, setZone] = useState(view.trigger?.zone ?? zoneHere());
  const typed = { cron: cron.trim(), zone: zone.trim() };
  const filled = typed.cron !== '' && typed.zone !== '';
  const preview = useAsk('trigger_next', typed, { when: filled, keep: true });
  const set = useDo('trigger_set', (done) => {
    toast({ message: done.said });
    onClose();
  });
  const sample = sampleOf(typed.cron) ?? '';
  // Only what was looked at may be set: an answer to earlier words does not count.
  const fits = filled && preview.data !== undefined && !preview.isPlaceholderData && preview.data.reasons.length === 0;
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.trigger.setTitle}
      intro={text.trigger.setIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          {view.trigger ? (
            <Button busy={set.busy} onClick={() => set.run({ product: view.product, trigger: null })}>
              {text.trigger.clear}
            </Button>
          ) : null}
          <Button kind="primary" type="submit" form="set-trigger" busy={set.busy} disabled={!fits}>
            {text.trigger.setDo}
          </Button>
        </>
      }
    >
      <form
        id="set-trigger"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (fits) set.run({ product: view.product, trigger: typed });
        }}
      >
        <Select
          label={text.trigger.samples}
          value={sample}
          choices={[...(sample === '' ? [{ value: '', label: text.trigger.own }] : []), ...(Object.keys(samples) as Sample[]).map((name) => ({ value: name, label: text.trigger.sampleOf[name] }))]}
          onChange={(event) => setCron(samples[event.target.value as Sample] ?? cron)}
        />
        <TextField label={text.trigger.cron} hint={text.trigger.cronHint} required value={cron} onChange={(event) => setCron(event.target.value)} />
        <TextField label={text.trigger.zone} hint={text.trigger.zoneHint} required list={zones} value={zone} onChange={(event) => setZone(event.target.value)} />
        <datalist id={zones}>
          {Intl.supportedValuesOf('timeZone').map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <div role="status">{filled && preview.data ? <Preview of={preview.data} zone={typed.zone} /> : null}</div>
        {preview.error ? <ErrorNotice error={preview.error} /> : null}
        {set.error ? <ErrorNotice error={set.error} /> : null}
      </form>
    </Dialog>
  );
}

function Preview({ of, zone }: { of: TriggerPreview; zone: string }) {
  if (of.reasons.length > 0) {
    return (
      <div className="why">
        <Reasons reasons={of.reasons} />
      </div>
    );
  }
  return <Times next={of.next} zone={zone} />;
}
