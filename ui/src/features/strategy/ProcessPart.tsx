import { useState } from 'react';
import type { DefectView, ProcessStageView, StrategyView } from '../../api/wire';
import { Glyph } from '../../components/Glyph';
import { Notice } from '../../components/Notice';
import { Track, type TrackStage } from '../../components/track/Track';
import { text } from '../../text';

/** The process of a version to read: the picture, one sentence a rule, and every defect with its trace. */
export function ProcessPart({ view }: { view: StrategyView }) {
  const [selected, select] = useState<string | null>(null);
  const bad = new Set(view.defects.flatMap((defect) => defect.stages));
  return (
    <div className="process">
      {view.stages.length > 0 ? (
        <div className="line-track">
          <Track
            label={text.strategy.processOf(view.product_name)}
            stages={view.stages.map((stage) => toTrack(stage, bad.has(stage.key)))}
            selected={selected}
            empty=""
            onSelect={(key) => {
              select(key);
              document.getElementById(`stage-${key}`)?.scrollIntoView({ block: 'nearest' });
            }}
          />
        </div>
      ) : null}
      <div className="document">
        <Defects defects={view.defects} stages={view.stages} />
        {view.stages.map((stage) => (
          <section key={stage.key} id={`stage-${stage.key}`} className="topic" data-current={stage.key === selected ? '' : undefined}>
            <h2>
              {stage.name} {stage.on_path ? null : <span className="faint">{text.line.offPath}</span>}
            </h2>
            <p>{stage.sentence}</p>
            {stage.checks.length > 0 ? <p className="muted">{text.strategy.checks(stage.checks.join(', '))}</p> : null}
            {stage.checklist.length > 0 ? (
              <ul className="bullets">
                {stage.checklist.map((item) => (
                  <li key={item}>{item}</li>
                ))}
              </ul>
            ) : null}
            {stage.rule ? <p className="strong">{stage.rule}</p> : null}
            {stage.deployers.length > 0 ? <p className="muted">{text.strategy.deployers(stage.deployers.map((role) => role.name).join(', '))}</p> : null}
            {stage.note ? <p className="faint">{stage.note}</p> : null}
          </section>
        ))}
        {view.go_sentence ? (
          <section className="topic">
            <h2>{text.releases.parts.go}</h2>
            <p>{view.go_sentence}</p>
          </section>
        ) : null}
        {view.steps.length > 0 ? (
          <section className="topic">
            <h2>{text.strategy.steps}</h2>
            <ul className="bullets">
              {view.steps.map((step) => (
                <li key={step.phase + step.title}>
                  {step.title} <span className="muted">{text.strategy.stepIn(step.phase, step.minutes)}</span>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </div>
    </div>
  );
}

function Defects({ defects, stages }: { defects: readonly DefectView[]; stages: readonly ProcessStageView[] }) {
  const name = (key: string) => stages.find((stage) => stage.key === key)?.name ?? key;
  if (defects.length === 0) {
    return (
      <p className="row tone" data-tone="go">
        <Glyph shape="check" /> {text.strategy.noDefects}
      </p>
    );
  }
  return (
    <Notice look={{ tone: 'stop', shape: 'square' }} title={text.strategy.defectsTitle(defects.length)}>
      <ul className="stack">
        {defects.map((defect) => (
          <li key={defect.code + defect.sentence} className="stack tight">
            <span>
              {defect.sentence} <span className="muted">{defect.next_step}</span>
            </span>
            {defect.trace.length > 0 ? <span className="mono trace">{defect.trace.map(name).join(' → ')}</span> : null}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function toTrack(stage: ProcessStageView, bad: boolean): TrackStage {
  return {
    key: stage.key,
    name: stage.name,
    onPath: stage.on_path,
    predecessors: stage.on_path ? stage.predecessors : [],
    beside: stage.on_path ? null : (stage.predecessors[0] ?? null),
    train: null,
    queue: [],
    signal: bad ? { kind: 'stop', word: text.strategy.defect } : null,
    notes: stage.rule ? [stage.rule] : [],
    facts: [],
    summary: `${stage.name}. ${stage.sentence} ${stage.rule ?? ''}`,
  };
}
