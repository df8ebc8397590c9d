import type { TestView } from '../../api/wire';
import { answerLook, noticeLook } from '../../app/looks';
import { Glyph } from '../../components/Glyph';
import { Notice } from '../../components/Notice';
import { text } from '../../text';

/** What a connection's test found: who we are there, what there is, what it can do. */
export function TestResult({ found }: { found: TestView }) {
  return (
    <div className="stack" role="status">
      <Notice look={found.ok ? noticeLook.go : noticeLook.stop} title={found.ok ? text.connections.works(found.account, found.version) : text.connections.fails} />
      {found.problems.map((problem) => (
        <Notice key={problem.title + problem.detail} look={noticeLook[problem.tone]} title={problem.title}>
          <p>{problem.detail}</p>
        </Notice>
      ))}
      {found.pipelines.map((pipeline) => (
        <p key={pipeline.name}>
          <span className="mono strong">{pipeline.name}</span> <span className="muted">{pipeline.stages.join(' → ')}</span>
        </p>
      ))}
      {found.capabilities.length > 0 ? (
        <details>
          <summary>{text.connections.capabilities}</summary>
          <ul className="stack tight">
            {found.capabilities.map((each) => (
              <li key={each.name} className="gate-row" data-tone={each.able ? 'go' : 'idle'}>
                <Glyph shape={each.able ? answerLook(true).shape : 'slash'} />
                <span className="grow">
                  {each.name} <span className="muted">{each.detail}</span>
                </span>
                <span className="faint">{each.able ? text.state.yes : text.state.no}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}
