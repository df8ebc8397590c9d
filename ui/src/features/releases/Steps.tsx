import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { ReleaseView, StepView } from '../../api/wire';
import { stepLook } from '../../app/looks';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, Select, TextField } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { text } from '../../text';
import { dateTime, fromLocal, toLocal } from '../../text/time';
import { StepActs } from './StepActs';

/** Steps in the order of their phases, as they first appear. */
export function byPhase(steps: readonly StepView[]): [phase: string, steps: StepView[]][] {
  const phases = new Map<string, StepView[]>();
  for (const step of steps) phases.set(step.phase, [...(phases.get(step.phase) ?? []), step]);
  return [...phases];
}

export function Steps({ view }: { view: ReleaseView }) {
  const [editing, setEditing] = useState<StepView | 'new' | null>(null);
  const closed = view.finished !== null;
  const add = closed ? null : <Button onClick={() => setEditing('new')}>{text.steps.add}</Button>;
  return (
    <>
      {view.steps.length === 0 ? (
        <EmptyState title={text.steps.empty} action={add}>
          {text.steps.emptyNext}
        </EmptyState>
      ) : (
        <div className="pad stack loose">
          {byPhase(view.steps).map(([phase, steps]) => (
            <section key={phase} className="stack tight">
              <h2 className="phase">{phase}</h2>
              <ol className="list">
                {steps.map((step) => (
                  <li key={step.id} className="step">
                    <Pill {...stepLook[step.state]}>{text.steps.states[step.state]}</Pill>
                    <div className="stack tight">
                      <span className="row wrap">
                        <span className="strong">{step.title}</span>
                        {step.automated ? <Pill>{text.steps.automated}</Pill> : null}
                      </span>
                      <span className="muted small">
                        {[step.owner?.name, step.planned ? dateTime(step.planned) : null, step.minutes > 0 ? text.time.minutes(step.minutes) : null, step.reason, step.evidence].filter(Boolean).join(' · ')}
                        {step.moved_by && step.moved_at ? (
                          <>
                            {' · '}
                            <span className="faint">
                              {step.moved_by} <RelativeTime at={step.moved_at} />
                            </span>
                          </>
                        ) : null}
                      </span>
                      {!step.can_start && step.state === 'open' ? <span className="faint small">{text.steps.after(titles(view, step))}</span> : null}
                    </div>
                    {closed ? null : (
                      <div className="step-acts">
                        <StepActs release={view.id} step={step} size="small" evidence />
                        <Button size="small" kind="quiet" aria-label={`${text.steps.edit}: ${step.title}`} onClick={() => setEditing(step)}>
                          {text.steps.edit}
                        </Button>
                      </div>
                    )}
                  </li>
                ))}
              </ol>
            </section>
          ))}
          <div>{add}</div>
        </div>
      )}
      {editing ? <EditStep view={view} step={editing === 'new' ? null : editing} onClose={() => setEditing(null)} /> : null}
    </>
  );
}

function titles(view: ReleaseView, step: StepView): string {
  return view.steps.flatMap((each) => (step.after.includes(each.id) && each.state !== 'done' && each.state !== 'not_applicable' ? [each.title] : [])).join(', ');
}

function EditStep({ view, step, onClose }: { view: ReleaseView; step: StepView | null; onClose: () => void }) {
  const toast = useToast();
  const people = useAsk('person_list', {});
  const [title, setTitle] = useState(step?.title ?? '');
  const [phase, setPhase] = useState(step?.phase ?? view.steps.at(-1)?.phase ?? '');
  const [owner, setOwner] = useState(step?.owner?.id ?? '');
  const [planned, setPlanned] = useState(toLocal(step?.planned ?? null));
  const [minutes, setMinutes] = useState(String(step?.minutes ?? 10));
  const [after, setAfter] = useState<readonly string[]>(step?.after ?? []);
  const [automated, setAutomated] = useState(step?.automated ?? false);
  const finish = (done: { said: string }) => {
    toast({ message: done.said });
    onClose();
  };
  const set = useDo('plan_step_set', finish);
  const remove = useDo('plan_step_remove', finish);
  const error = set.error ?? remove.error;
  return (
    <Dialog
      open
      onClose={onClose}
      title={step ? text.steps.edit : text.steps.add}
      footer={
        <>
          {step ? (
            <Button kind="danger" busy={remove.busy} onClick={() => remove.run({ release: view.id, step: step.id })}>
              {text.steps.remove}
            </Button>
          ) : null}
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" type="submit" form="edit-step" busy={set.busy} disabled={title.trim() === '' || phase.trim() === ''}>
            {text.act.save}
          </Button>
        </>
      }
    >
      <form
        id="edit-step"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          set.run({
            release: view.id,
            step: step?.id ?? null,
            title: title.trim(),
            phase: phase.trim(),
            owner: owner || null,
            planned: fromLocal(planned),
            minutes: Math.max(0, Math.round(Number(minutes) || 0)),
            after: [...after],
            automated,
          });
        }}
      >
        <TextField label={text.steps.title} required value={title} onChange={(event) => setTitle(event.target.value)} />
        <div className="form-row">
          <TextField label={text.steps.phase} required value={phase} onChange={(event) => setPhase(event.target.value)} hint={text.steps.phaseHint} />
          <Select
            label={text.steps.owner}
            value={owner}
            choices={[{ value: '', label: text.steps.nobody }, ...(people.data?.people ?? []).filter((each) => !each.person.machine).map((each) => ({ value: each.person.id, label: each.person.name }))]}
            onChange={(event) => setOwner(event.target.value)}
          />
        </div>
        <div className="form-row">
          <TextField label={text.steps.planned} type="datetime-local" value={planned} onChange={(event) => setPlanned(event.target.value)} />
          <TextField label={text.steps.minutes} type="number" min={0} value={minutes} onChange={(event) => setMinutes(event.target.value)} />
        </div>
        {view.steps.length > (step ? 1 : 0) ? (
          <fieldset>
            <legend>{text.steps.afterSteps}</legend>
            <div className="stack tight after-steps">
              {view.steps
                .filter((each) => each.id !== step?.id)
                .map((each) => (
                  <Checkbox key={each.id} label={each.title} checked={after.includes(each.id)} onChange={(event) => setAfter(event.target.checked ? [...after, each.id] : after.filter((id) => id !== each.id))} />
                ))}
            </div>
          </fieldset>
        ) : null}
        <Checkbox label={text.steps.automated} hint={text.steps.automatedHint} checked={automated} onChange={(event) => setAutomated(event.target.checked)} />
        {error ? <ErrorNotice error={error} /> : null}
      </form>
    </Dialog>
  );
}
