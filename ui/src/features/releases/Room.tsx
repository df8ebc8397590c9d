import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { ReleaseView } from '../../api/wire';
import { useActions } from '../../app/actions';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { TextArea } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Progress } from '../../components/Progress';
import { Reasons } from '../../components/Reasons';
import { Tabs } from '../../components/Segmented';
import { text } from '../../text';
import { dateTime } from '../../text/time';
import { PacketSheet } from '../packet/PacketSheet';
import { Compare } from './Compare';
import { GoNoGo } from './GoNoGo';
import { Plan } from './Plan';
import { Scope } from './Scope';
import { Send } from './Send';
import { Steps } from './Steps';
import { ReleaseState } from './Releases';

const parts = ['scope', 'plan', 'steps', 'go', 'send', 'compare'] as const;
type Part = (typeof parts)[number];

/** A release's room: what goes out, the plan, the steps, the voices. */
export function Room({ release, route }: { release: string; route: Route }) {
  const show = useAsk('release_show', { release });
  const view = show.data;
  const asked = route.query.get('part') as Part | null;
  const part = asked && parts.includes(asked) ? asked : 'scope';
  const build = route.query.get('build');
  const stage = route.query.get('stage');
  const [finishing, setFinishing] = useState(false);
  const run = () => go(href(['releases', release, 'run']));
  useActions([
    { id: 'release.run', title: text.releases.runMode, group: text.screens.releases, keys: 'm', run },
    ...parts.map((name) => ({ id: `release.${name}`, title: text.releases.openPart(text.releases.parts[name]), group: text.screens.releases, run: () => go(href(['releases', release], { part: name })) })),
    view?.finish.allowed && { id: 'release.finish', title: text.releases.finish, group: text.screens.releases, run: () => setFinishing(true) },
  ]);
  const done = view?.steps.filter((step) => step.state === 'done' || step.state === 'not_applicable').length ?? 0;
  return (
    <Screen
      title={view?.name ?? text.screens.releases}
      tools={
        view ? (
          <>
            <ReleaseState row={{ finished: view.finished, open_points: view.open_points.length, no_go: view.voices.filter((voice) => voice.current && !voice.go).length }} />
            <Pill>{view.strategy_now ? text.releases.strategyMoved(view.strategy, view.strategy_now) : text.line.strategy(view.strategy)}</Pill>
            {view.finished ? null : (
              <Button kind="primary" keys="m" onClick={run}>
                {text.releases.runMode}
              </Button>
            )}
            {view.finish.allowed ? <Button onClick={() => setFinishing(true)}>{text.releases.finish}</Button> : null}
          </>
        ) : null
      }
    >
      <Answer of={show}>
        {(known) => (
          <>
            <div className="room-head">
              <span className="muted">
                {known.product.name} · {known.planned ? dateTime(known.planned) : text.releases.notPlanned} · {text.releases.ownedBy(known.owner.name)}
              </span>
              <Progress done={done} of={known.steps.length} label={text.releases.stepsDone} words={text.releases.stepsOf(done, known.steps.length)} />
            </div>
            {known.finished ? (
              <p className="pad">{text.releases.finishedAt(dateTime(known.finished), known.outcome)}</p>
            ) : known.open_points.length > 0 ? (
              <details className="open-points">
                <summary>{text.releases.closedGate(known.open_points.length)}</summary>
                <Reasons reasons={known.open_points} />
              </details>
            ) : null}
            <div className="body">
              <div className="pane">
                <Tabs label={known.name} value={part} segments={parts.map((name) => ({ value: name, label: labelOf(name, known) }))} onChange={(name) => go(href(['releases', release], { part: name }), true)}>
                  {part === 'scope' ? <Scope view={known} onSheet={(at) => go(href(['releases', release], { part, ...at }))} /> : null}
                  {part === 'plan' ? <Plan view={known} section={route.query.get('section')} /> : null}
                  {part === 'steps' ? <Steps view={known} /> : null}
                  {part === 'go' ? <GoNoGo view={known} /> : null}
                  {part === 'send' ? <Send release={known} /> : null}
                  {part === 'compare' ? <Compare release={known} other={route.query.get('with')} /> : null}
                </Tabs>
              </div>
              {build && stage ? (
                <PacketSheet key={`${build}@${stage}`} build={build} stage={stage} onClose={() => go(href(['releases', release], { part }))} onHistory={() => go(href(['line', known.scope.find((row) => row.chosen?.id === build)?.service.id], { build }))} />
              ) : null}
            </div>
            {finishing ? <Finish view={known} onClose={() => setFinishing(false)} /> : null}
          </>
        )}
      </Answer>
    </Screen>
  );
}

function labelOf(part: Part, view: ReleaseView): string {
  const label = text.releases.parts[part];
  switch (part) {
    case 'scope':
      return `${label} ${text.releases.of(view.scope.filter((row) => row.chosen).length, view.scope.length)}`;
    case 'plan':
      return `${label} ${text.releases.of(view.sections.filter((section) => section.settled).length, view.sections.length)}`;
    case 'steps':
      return `${label} ${text.releases.of(view.steps.filter((step) => step.state === 'done' || step.state === 'not_applicable').length, view.steps.length)}`;
    case 'go':
    case 'send':
    case 'compare':
      return label;
  }
}

function Finish({ view, onClose }: { view: ReleaseView; onClose: () => void }) {
  const toast = useToast();
  const [outcome, setOutcome] = useState('');
  const finish = useDo('release_finish', (done) => {
    toast({ message: done.said });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text.releases.finishTitle(view.name)}
      intro={text.releases.finishIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" busy={finish.busy} disabled={outcome.trim() === ''} onClick={() => finish.run({ release: view.id, outcome: outcome.trim() })}>
            {text.releases.finish}
          </Button>
        </>
      }
    >
      <div className="form">
        <TextArea label={text.releases.outcome} hint={text.releases.outcomeHint} required autoFocus value={outcome} onChange={(event) => setOutcome(event.target.value)} />
        {finish.error ? <ErrorNotice error={finish.error} /> : null}
      </div>
    </Dialog>
  );
}
