import type { CapabilityView, TestView } from '../../api/wire';
import { answerLook, noticeLook } from '../../app/looks';
import { Glyph } from '../../components/Glyph';
import { KeyValue } from '../../components/KeyValue';
import { Notice } from '../../components/Notice';
import { text } from '../../text';

/** What a connection's test found: who we are there, by which way, what it can and can't do, what there is. */
export function TestResult({ found }: { found: TestView }) {
  const able = found.capabilities.filter((each) => each.able);
  const unable = found.capabilities.filter((each) => !each.able);
  return (
    <div className="stack" role="status">
      <Notice look={found.ok ? noticeLook.go : noticeLook.stop} title={found.ok ? text.connections.works(found.account, found.version) : text.connections.fails} />
      {found.problems.map((problem) => (
        <Notice key={problem.title + problem.detail} look={noticeLook[problem.tone]} title={problem.title}>
          <p>{problem.detail}</p>
        </Notice>
      ))}
      {found.proxy ? <KeyValue facts={[[text.connections.way, found.proxy]]} /> : null}
      {found.capabilities.length > 0 ? (
        <details>
          <summary>{text.connections.capabilities(able.length, unable.length)}</summary>
          <ul className="stack tight">
            {[...able, ...unable].map((each) => (
              <Capability key={each.name} of={each} />
            ))}
          </ul>
        </details>
      ) : null}
      {found.pipelines.length > 0 ? (
        <details open={found.pipelines.length <= 8}>
          <summary>{found.more ? text.connections.pipelinesAndMore(found.pipelines.length) : text.connections.pipelines(found.pipelines.length)}</summary>
          <ul className="stack tight">
            {found.pipelines.map((pipeline) => (
              <li key={pipeline.id}>
                <span className="mono strong">{pipeline.name}</span> <span className="muted">{pipeline.stages.join(' → ')}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}

function Capability({ of }: { of: CapabilityView }) {
  return (
    <li className="gate-row" data-tone={of.able ? 'go' : 'idle'}>
      <Glyph shape={of.able ? answerLook(true).shape : 'slash'} />
      <span className="grow">
        {of.name} <span className="muted">{[of.detail, of.next_step].filter(Boolean).join(' ')}</span>
      </span>
      <span className="faint">{of.able ? text.state.yes : text.state.no}</span>
    </li>
  );
}
