import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { StrategyView } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { go, href, type Route } from '../../app/router';
import { Screen } from '../../app/Screen';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { EmptyState } from '../../components/EmptyState';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextArea } from '../../components/Field';
import { Pill } from '../../components/Pill';
import { Tabs } from '../../components/Segmented';
import { text } from '../../text';
import { dateTime } from '../../text/time';
import { Agreement } from './Agreement';
import { ProcessPart } from './ProcessPart';

const parts = ['topics', 'process', 'agreement'] as const;
type Part = (typeof parts)[number];

/** A product's strategy: 17 topics, the process, and who agreed to which version. */
export function Strategy({ route }: { route: Route }) {
  const { view: desk, product: current } = useDesk();
  const product = desk.products.find((each) => each.id === route.parts[0]) ?? current;
  if (!product) {
    return (
      <Screen title={text.screens.strategy}>
        <EmptyState title={text.strategy.noProduct}>{text.strategy.noProductNext}</EmptyState>
      </Screen>
    );
  }
  const version = Number(route.query.get('version')) || null;
  return <Version key={`${product.id}:${version ?? ''}`} product={product.id} version={version} route={route} />;
}

function Version({ product, version, route }: { product: string; version: number | null; route: Route }) {
  const show = useAsk('strategy_show', { product, version });
  const view = show.data;
  const asked = route.query.get('part') as Part | null;
  const part = asked && parts.includes(asked) ? asked : 'topics';
  const to = (query: { part?: Part; version?: number }) =>
    go(href(['strategy', product], { part: query.part ?? part, version: query.version ? String(query.version) : version ? String(version) : null }), query.part !== undefined);
  return (
    <Screen
      title={view ? text.strategy.of(view.product_name) : text.screens.strategy}
      tools={
        view ? (
          <>
            <Select
              label={text.strategy.version}
              hideLabel
              value={String(view.version)}
              choices={view.versions.map((each) => ({ value: String(each.version), label: text.strategy.versionRow(each.version, each.version === view.in_force) }))}
              onChange={(event) => to({ version: Number(event.target.value) })}
            />
            {view.version === view.in_force ? <Pill tone="go" shape="check">{text.strategy.inForce}</Pill> : <Pill tone="wait" shape="diamond">{text.strategy.draft}</Pill>}
            {view.defects.length > 0 ? <Pill tone="stop" shape="square">{text.strategy.defects(view.defects.length)}</Pill> : null}
          </>
        ) : null
      }
    >
      <Answer of={show}>
        {(known) => (
          <div className="pane">
            <Tabs label={text.screens.strategy} value={part} segments={parts.map((name) => ({ value: name, label: text.strategy.parts[name] }))} onChange={(next) => to({ part: next })}>
              {part === 'topics' ? <Topics view={known} onDrafted={(next) => to({ version: next })} /> : null}
              {part === 'process' ? <ProcessPart view={known} /> : null}
              {part === 'agreement' ? <Agreement view={known} /> : null}
            </Tabs>
          </div>
        )}
      </Answer>
    </Screen>
  );
}

function Topics({ view, onDrafted }: { view: StrategyView; onDrafted: (version: number) => void }) {
  const toast = useToast();
  const [editing, setEditing] = useState<Record<string, string> | null>(null);
  const draft = useDo('strategy_draft', (done) => {
    toast({ message: done.said });
    setEditing(null);
    onDrafted(Math.max(view.version, ...view.versions.map((each) => each.version)) + 1);
  });
  const changed = view.topics.filter((topic) => editing && (editing[topic.key] ?? topic.text) !== topic.text);
  const written = view.topics.filter((topic) => topic.text.trim() !== '').length;
  const acts = editing ? (
    <div className="row wrap">
      <Button onClick={() => setEditing(null)}>{text.act.cancel}</Button>
      <Button kind="primary" busy={draft.busy} disabled={changed.length === 0} onClick={() => draft.run({ product: view.product, topics: changed.map((topic) => ({ key: topic.key, text: (editing[topic.key] ?? '').trim() })), process: null })}>
        {text.strategy.saveVersion(changed.length)}
      </Button>
    </div>
  ) : (
    <Button onClick={() => setEditing({})}>{text.strategy.edit}</Button>
  );
  return (
    <div className="document">
      <header className="row wrap between">
        <p className="muted">{text.strategy.written(written, view.topics.length, view.author, dateTime(view.at))}</p>
        {acts}
      </header>
      {draft.error ? <ErrorNotice error={draft.error} /> : null}
      {view.topics.map((topic, index) => (
        <section key={topic.key} className="topic" id={`topic-${topic.key}`}>
          <h2>
            <span className="faint">{index + 1}</span> {topic.title}
          </h2>
          {topic.agree.length > 0 ? <p className="faint small">{text.strategy.bothAgree(topic.agree.map((role) => role.name).join(', '))}</p> : null}
          {editing ? (
            <TextArea label={topic.title} hideLabel rows={4} value={editing[topic.key] ?? topic.text} onChange={(event) => setEditing({ ...editing, [topic.key]: event.target.value })} />
          ) : (
            <p className="pre">{topic.text || <span className="muted">{text.strategy.notWritten}</span>}</p>
          )}
        </section>
      ))}
      {editing ? acts : null}
    </div>
  );
}
