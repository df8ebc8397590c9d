import { useState } from 'react';
import { Maximize2 } from 'lucide-react';
import { deploymentLook } from '../../app/looks';
import { IconButton } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { LogView } from '../../components/LogView';
import { Pill } from '../../components/Pill';
import { Progress } from '../../components/Progress';
import { text } from '../../text';
import { useLog } from './useLog';

/** The live log of a deployment with its progress; enlarged on demand. */
export function DeploymentLog({ deployment, running, title }: { deployment: string; running: boolean; title: string }) {
  const log = useLog(deployment);
  const [large, setLarge] = useState(false);
  const latest = log.latest;
  const live = latest ? latest.state === 'running' : running;
  const view = <LogView label={text.deployment.logOf(title)} content={log.content} live={live} />;
  return (
    <>
      {latest && live && latest.steps > 0 ? (
        <Progress done={latest.done} of={latest.steps} label={text.deployment.progress} words={latest.step || text.deployment.stepOf(latest.done, latest.steps)} />
      ) : null}
      {latest?.no_text ? <p className="muted">{latest.no_text}</p> : null}
      {latest?.link ? (
        <span className="muted wrap-anywhere">
          {text.deployment.there} <code className="selectable">{latest.link}</code>
        </span>
      ) : null}
      {latest?.no_text && log.content === '' ? null : (
      <div className="log-box">
        {view}
        <IconButton className="log-enlarge" label={text.deployment.enlarge} onClick={() => setLarge(true)}>
          <Maximize2 aria-hidden="true" />
        </IconButton>
      </div>
      )}
      {log.error ? <ErrorNotice error={log.error} /> : null}
      <Dialog open={large} onClose={() => setLarge(false)} title={title} intro={latest ? <Pill {...deploymentLook[latest.state]}>{text.deployment.word[latest.state]}</Pill> : null} wide>
        <div className="log-large">{view}</div>
      </Dialog>
    </>
  );
}
