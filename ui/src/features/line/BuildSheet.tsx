import { useState } from 'react';
import { useAsk } from '../../api/client';
import { answerLook, buildLook, deploymentLook } from '../../app/looks';
import { href } from '../../app/router';
import { Answer } from '../../components/Answer';
import { Blocked } from '../../components/Blocked';
import { Button } from '../../components/Button';
import { KeyValue } from '../../components/KeyValue';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Sheet, SheetSection } from '../../components/Sheet';
import { text } from '../../text';
import { Veto, Vetoed } from '../packet/Veto';

/** A build on its own: what it is made of and what happened to it, stage by stage. */
export function BuildSheet({ build, onClose, onStage }: { build: string; onClose: () => void; onStage: (stage: string) => void }) {
  const show = useAsk('build_show', { build });
  const [vetoing, setVetoing] = useState(false);
  return (
    <Sheet
      label={text.build.sheet}
      onClose={onClose}
      status={show.data ? <Pill>{text.build.number(show.data.number)}</Pill> : null}
      title={show.data ? text.build.title(show.data.build.service_name, show.data.build.label) : text.build.sheet}
      subtitle={show.data ? <span className="mono">{text.build.commitOf(show.data.build.commit)}</span> : null}
    >
      <Answer of={show}>
        {(view) => (
          <>
            {view.vetoed ? <Vetoed veto={view.vetoed} /> : null}
            <SheetSection title={text.build.made}>
              <KeyValue
                facts={[
                  [text.build.author, view.author || text.state.unknown],
                  [text.build.arrived, <RelativeTime key="at" at={view.arrived} />],
                  [text.build.strategy, text.line.strategy(view.strategy)],
                  ...view.components.filter((each) => each.version).map((each) => [each.name, <code key={each.name}>{each.version}</code>] as const),
                  ...view.digests.map((each) => [each.artifact, <code key={each.artifact}>{each.sha256}</code>] as const),
                ]}
              />
            </SheetSection>
            <SheetSection title={text.build.features}>
              {view.features.length === 0 ? <span className="muted">{text.build.noFeatures}</span> : null}
              {view.features.map((feature) => (
                <div key={feature.key} className="row upper">
                  <a className="mono nowrap" href={href(['features', feature.key], { build })}>
                    {feature.key}
                  </a>
                  <span className="grow">{feature.planned ? feature.title : text.build.unplanned}</span>
                  <Pill {...answerLook(feature.signed_off)}>{text.features.answer(feature.signed_off)}</Pill>
                </div>
              ))}
            </SheetSection>
            {view.stages.map((visit) => (
              <SheetSection
                key={visit.stage.key}
                title={visit.stage.name}
                aside={
                  <Button size="small" kind="quiet" onClick={() => onStage(visit.stage.key)}>
                    {text.build.openSheet}
                  </Button>
                }
              >
                <div className="row wrap">
                  <Pill {...buildLook[visit.state]}>{visit.word}</Pill>
                  {visit.since ? <span className="faint"><RelativeTime at={visit.since} /></span> : null}
                </div>
                {visit.reason ? <p className="muted">{visit.reason}</p> : null}
                {visit.deployments.map((deployment) => (
                  <div key={deployment.id} className="row wrap">
                    <Pill {...deploymentLook[deployment.state]}>{text.deployment.word[deployment.state]}</Pill>
                    <span className="muted">{text.deployment.by(deployment.roll_back, deployment.by)}</span>
                    <span className="faint"><RelativeTime at={deployment.at} /></span>
                  </div>
                ))}
                {visit.signoffs.map((given) => (
                  <div key={given.id} className="row wrap">
                    <Pill {...answerLook(given.void ? null : given.approved)}>{given.void || text.packet.gave(given.approved)}</Pill>
                    <span className="muted">{text.packet.signedBy(given.person, given.role.name)}</span>
                    <span className="faint"><RelativeTime at={given.at} /></span>
                  </div>
                ))}
              </SheetSection>
            ))}
            {view.vetoed ? null : (
              <SheetSection title={text.veto.section}>
                <p className="muted">{text.veto.offer}</p>
                <Button size="small" kind="danger" className="start" disabled={!view.veto.allowed} onClick={() => setVetoing(true)}>
                  {text.veto.act}
                </Button>
                <Blocked act={view.veto} />
              </SheetSection>
            )}
            {vetoing ? <Veto build={view.build} onClose={() => setVetoing(false)} /> : null}
          </>
        )}
      </Answer>
    </Sheet>
  );
}
