import type { RemoteGateView } from '../../api/wire';
import { deploymentLook, noticeLook } from '../../app/looks';
import { KeyValue } from '../../components/KeyValue';
import { Notice } from '../../components/Notice';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { SheetSection } from '../../components/Sheet';
import { text } from '../../text';

/** The pipeline system's own gate that the verdict on this sheet answers, and how far the answer is. */
export function RemoteGate({ gate }: { gate: RemoteGateView }) {
  const { answer } = gate;
  return (
    <SheetSection title={text.remoteGate.title(gate.system)} aside={<State gate={gate} />}>
      <span className="muted">{text.remoteGate.means(gate.gate)}</span>
      {gate.question ? <p className="wrap-anywhere">{gate.question}</p> : null}
      <KeyValue
        facts={[
          gate.since !== null && [text.remoteGate.since, <RelativeTime key="since" at={gate.since} />],
          gate.expires !== null && [text.remoteGate.expires, <RelativeTime key="expires" at={gate.expires} />],
        ]}
      />
      {gate.waits && !gate.this_build ? <Notice look={noticeLook.wait} title={text.remoteGate.other} /> : null}
      {gate.this_build && gate.may_answer === false ? <Notice look={noticeLook.stop} title={text.remoteGate.mayNot} /> : null}
      {answer ? (
        <span>
          {text.remoteGate.answered(answer.approve, answer.by)} <RelativeTime at={answer.at} />
        </span>
      ) : null}
      {answer?.detail ? <p className="wrap-anywhere">{answer.detail}</p> : null}
    </SheetSection>
  );
}

function State({ gate }: { gate: RemoteGateView }) {
  if (gate.answer) return <Pill {...deploymentLook[gate.answer.state]}>{text.remoteGate.word[gate.answer.state]}</Pill>;
  if (!gate.waits) return <span className="faint">{text.remoteGate.calm}</span>;
  return <Pill tone="wait" shape="diamond">{gate.this_build ? text.remoteGate.waits : text.remoteGate.waitsFor(gate.waits)}</Pill>;
}
