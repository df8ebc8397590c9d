import { useState } from 'react';
import { useDo } from '../../api/client';
import type { StepState, StepView } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button, type ButtonProps } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextField } from '../../components/Field';
import { text } from '../../text';

const from: Record<StepState, readonly StepState[]> = {
  open: ['doing', 'done', 'blocked', 'not_applicable'],
  doing: ['done', 'blocked', 'open'],
  blocked: ['doing', 'done', 'not_applicable'],
  done: ['open'],
  not_applicable: ['open'],
};

/** Moves a step. Being blocked or not applicable takes a reason; being done may name its evidence. */
export function StepActs({ release, step, size = 'medium', evidence = false }: { release: string; step: StepView; size?: NonNullable<ButtonProps['size']>; evidence?: boolean }) {
  const toast = useToast();
  const [asking, setAsking] = useState<StepState | null>(null);
  const [words, setWords] = useState('');
  const move = useDo('plan_step_move', (done) => {
    toast({ message: done.said });
    setAsking(null);
    setWords('');
  });
  const send = (state: StepState, reason: string, proof: string) => move.run({ release, step: step.id, state, reason, evidence: proof });
  const press = (state: StepState) => {
    if (state === 'blocked' || state === 'not_applicable' || (state === 'done' && evidence)) setAsking(state);
    else send(state, '', '');
  };
  if (asking) {
    const reasoned = asking !== 'done';
    return (
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          send(asking, reasoned ? words.trim() : '', reasoned ? '' : words.trim());
        }}
      >
        <TextField label={reasoned ? text.steps.why[asking] : text.steps.evidence} hint={reasoned ? undefined : text.steps.evidenceHint} autoFocus value={words} onChange={(event) => setWords(event.target.value)} />
        {move.error ? <ErrorNotice error={move.error} /> : null}
        <div className="row">
          <Button size={size} onClick={() => setAsking(null)}>
            {text.act.cancel}
          </Button>
          <Button size={size} kind="primary" type="submit" busy={move.busy} disabled={reasoned && words.trim() === ''}>
            {text.steps.to[asking]}
          </Button>
        </div>
      </form>
    );
  }
  return (
    <div className="stack">
      <div className="row wrap">
        {from[step.state].map((state, index) => (
          <Button
            key={state}
            size={size}
            kind={index === 0 && size === 'huge' && step.can_start && (step.state === 'open' || step.state === 'doing') ? 'primary' : 'plain'}
            busy={move.busy}
            disabled={!step.can_start && (state === 'doing' || state === 'done')}
            aria-label={`${text.steps.to[state]}: ${step.title}`}
            onClick={() => press(state)}
          >
            {text.steps.to[state]}
          </Button>
        ))}
      </div>
      {move.error ? <ErrorNotice error={move.error} /> : null}
    </div>
  );
}
