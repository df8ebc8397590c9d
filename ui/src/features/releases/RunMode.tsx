import { useEffect, useState } from 'react';
import { useAsk } from '../../api/client';
import type { ReleaseView, ScopeRow, StepView } from '../../api/wire';
import { useActions } from '../../app/actions';
import { buildLook, stepLook } from '../../app/looks';
import { go, href } from '../../app/router';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { Glyph } from '../../components/Glyph';
import { LogView } from '../../components/LogView';
import { Pill } from '../../components/Pill';
import { Progress } from '../../components/Progress';
import { Reasons } from '../../components/Reasons';
import { useNow } from '../../components/RelativeTime';
import { text } from '../../text';
import { clockSeconds, clockTime, dateTime, duration } from '../../text/time';
import { PacketSheet } from '../packet/PacketSheet';
import { useLog } from '../packet/useLog';
import { Voices } from './GoNoGo';
import { StepActs } from './StepActs';
import { byPhase } from './Steps';

/** Release night: the current step large, the clock, who says go, what runs. */
export function RunMode({ release }: { release: string }) {
  const show = useAsk('release_show', { release });
  const leave = () => go(href(['releases', release], { part: 'steps' }));
  useActions([
    { id: 'run.leave', title: text.run.leave, group: text.screens.releases, keys: 'escape', run: leave },
    { id: 'run.problem', title: text.run.problem, group: text.screens.releases, keys: 'p', run: () => go(href(['issues'], { new: 'yes' })) },
  ]);
  useEffect(() => {
    if (show.data) document.title = text.app.title(show.data.name);
  }, [show.data]);
  return (
    <main className="screen run" id="screen" tabIndex={-1}>
      <Answer of={show}>{(view) => <Night view={view} onLeave={leave} />}</Answer>
    </main>
  );
}

const settled = (step: StepView) => step.state === 'done' || step.state === 'not_applicable';

function Night({ view, onLeave }: { view: ReleaseView; onLeave: () => void }) {
  const [chosen, choose] = useState<string | null>(null);
  const [sheet, setSheet] = useState<{ build: string; stage: string } | null>(null);
  const current =
    view.steps.find((step) => step.id === chosen) ??
    view.steps.find((step) => step.state === 'doing' || step.state === 'blocked') ??
    view.steps.find((step) => !settled(step) && step.can_start) ??
    null;
  const done = view.steps.filter(settled).length;
  const running = view.scope.find((row) => row.running);
  const backOut = view.sections.find((section) => section.key === 'back-out');
  return (
    <>
      <header className="run-top">
        <h1>{view.name}</h1>
        <Pill>{text.run.mode}</Pill>
        {view.planned ? <span className="muted">{dateTime(view.planned)}</span> : null}
        <Progress done={done} of={view.steps.length} label={text.releases.stepsDone} words={text.releases.stepsOf(done, view.steps.length)} />
        <Button onClick={onLeave} keys="escape">
          {text.run.leave}
        </Button>
        <Clock />
      </header>
      <div className="run-room">
        <nav className="run-steps" aria-label={text.releases.parts.steps}>
          {byPhase(view.steps).map(([phase, steps]) => (
            <section key={phase}>
              <h2>{phase}</h2>
              {steps.map((step) => (
                <button key={step.id} type="button" data-state={step.state} aria-current={step.id === current?.id ? 'step' : undefined} onClick={() => choose(step.id)}>
                  <span data-tone={stepLook[step.state].tone} className="tone">
                    <Glyph shape={stepLook[step.state].shape} />
                  </span>
                  <span className="grow">{step.title}</span>
                  <span className="hidden-visually">{text.steps.states[step.state]}</span>
                  <span className="faint">{settled(step) && step.moved_at ? clockTime(step.moved_at) : (step.owner?.name ?? '')}</span>
                </button>
              ))}
            </section>
          ))}
        </nav>
        <section className="run-now" aria-label={text.run.now}>
          {running ? <Running row={running} onSheet={setSheet} /> : null}
          {current ? <Now view={view} step={current} small={running !== undefined} onDone={() => choose(null)} /> : <AllDone view={view} />}
        </section>
        {sheet ? (
          <PacketSheet key={`${sheet.build}@${sheet.stage}`} build={sheet.build} stage={sheet.stage} onClose={() => setSheet(null)} onHistory={() => go(href(['line', view.scope.find((row) => row.chosen?.id === sheet.build)?.service.id], { build: sheet.build }))} />
        ) : (
          <aside className="run-side" aria-label={text.run.beside}>
            <section>
              <h3>{text.run.services}</h3>
              {view.scope.map((row) => (
                <ServiceRow key={row.service.id} row={row} onSheet={setSheet} />
              ))}
            </section>
            <section>
              <h3>{text.releases.parts.go}</h3>
              {view.voices.length > 0 ? <Voices view={view} /> : <span className="muted">{text.releases.noVoices}</span>}
            </section>
            {view.open_points.length > 0 ? (
              <section>
                <h3>{text.releases.closedGate(view.open_points.length)}</h3>
                <Reasons reasons={view.open_points} />
              </section>
            ) : null}
            {backOut ? (
              <section>
                <h3>{backOut.title}</h3>
                <p className="pre">{backOut.text || backOut.waived?.reason || text.run.noBackOut}</p>
                {backOut.rehearsal ? <p className="muted">{text.run.rehearsed(dateTime(backOut.rehearsal.at), backOut.rehearsal.passed, backOut.rehearsal.note)}</p> : null}
              </section>
            ) : null}
            {view.sections.some((section) => section.issues.length > 0) ? (
              <section>
                <h3>{text.packet.lastTime}</h3>
                {view.sections.flatMap((section) => section.issues).map((issue) => (
                  <p key={issue.id}>
                    <a className="mono" href={href(['issues', issue.id])}>{issue.key}</a> <span className="muted">{issue.problem}</span>
                  </p>
                ))}
              </section>
            ) : null}
          </aside>
        )}
      </div>
    </>
  );
}

function Now({ view, step, small, onDone }: { view: ReleaseView; step: StepView; small: boolean; onDone: () => void }) {
  const now = useNow();
  const since = step.state === 'doing' && step.moved_at ? now - Date.parse(step.moved_at) : null;
  return (
    <div className="now" data-small={small ? '' : undefined}>
      <Pill {...stepLook[step.state]}>{text.steps.states[step.state]}</Pill>
      <h2>{step.title}</h2>
      <p className="row wrap muted">
        <span>{step.owner ? text.run.owner(step.owner.name) : text.steps.nobody}</span>
        {step.minutes > 0 ? <span>{text.run.planned(text.time.minutes(step.minutes))}</span> : null}
        {since === null ? null : <span>{text.run.since(duration(since))}</span>}
        {step.reason ? <span>{step.reason}</span> : null}
        {step.evidence ? <span>{step.evidence}</span> : null}
      </p>
      {view.finished ? null : <StepActs key={step.id + step.state} release={view.id} step={step} size="huge" evidence />}
      {settled(step) ? <Button onClick={onDone}>{text.run.toCurrent}</Button> : null}
    </div>
  );
}

function AllDone({ view }: { view: ReleaseView }) {
  return (
    <div className="now">
      <Pill tone="go" shape="check">{text.releases.complete}</Pill>
      <h2>{view.steps.length === 0 ? text.steps.empty : text.run.allDone}</h2>
      <p className="muted">{view.steps.length === 0 ? text.steps.emptyNext : text.run.allDoneNext}</p>
    </div>
  );
}

function Running({ row, onSheet }: { row: ScopeRow; onSheet: (at: { build: string; stage: string }) => void }) {
  const log = useLog(row.running ?? '');
  const latest = log.latest;
  const build = row.chosen;
  const stage = row.next_stage;
  return (
    <div className="running">
      <div className="row wrap">
        <Pill {...buildLook.deploying}>{latest?.step || row.place}</Pill>
        <h2>{text.run.goes(row.service.name, build?.label ?? '')}</h2>
        {build && stage ? (
          <Button className="push" onClick={() => onSheet({ build: build.id, stage })}>
            {text.run.sheet}
          </Button>
        ) : null}
      </div>
      {latest && latest.steps > 0 ? <Progress done={latest.done} of={latest.steps} label={text.deployment.progress} words={text.deployment.stepOf(latest.done, latest.steps)} /> : null}
      <LogView label={text.deployment.logOf(row.service.name)} content={log.content} live={latest?.state === 'running'} />
    </div>
  );
}

function ServiceRow({ row, onSheet }: { row: ScopeRow; onSheet: (at: { build: string; stage: string }) => void }) {
  const build = row.chosen;
  const stage = row.next_stage;
  return (
    <div className="run-service">
      <span className="strong ellipsis">{row.service.name}</span>
      <span className="muted">{build ? text.run.from(row.live?.label ?? text.state.nothing, build.label) : text.releases.noBuild}</span>
      {build && stage ? (
        <Button size="small" onClick={() => onSheet({ build: build.id, stage })} aria-label={text.releases.sheetOf(row.service.name, build.label)}>
          {text.releases.promote}
        </Button>
      ) : build ? (
        <Pill {...buildLook[row.state]}>{row.place}</Pill>
      ) : null}
    </div>
  );
}

function Clock() {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="clock" role="timer" aria-live="off" aria-label={text.run.clock}>
      {clockSeconds(now)}
    </span>
  );
}
