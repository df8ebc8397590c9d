import { useState } from 'react';
import { useDo } from '../../api/client';
import type { ReleaseView, SectionView } from '../../api/wire';
import { go, href } from '../../app/router';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Checkbox, TextArea, TextField } from '../../components/Field';
import { Glyph } from '../../components/Glyph';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { text } from '../../text';
import { fromLocal, toLocal } from '../../text/time';

/** The ten sections of the plan: the list, and the one being written. */
export function Plan({ view, section }: { view: ReleaseView; section: string | null }) {
  const current = view.sections.find((each) => each.key === section) ?? view.sections.find((each) => !each.settled) ?? view.sections[0];
  if (!current) return null;
  return (
    <div className="split">
      <nav className="split-list" aria-label={text.plan.sections}>
        <ol>
          {view.sections.map((each, index) => (
            <li key={each.key}>
              <a href={href(['releases', view.id], { part: 'plan', section: each.key })} aria-current={each.key === current.key ? 'true' : undefined} data-tone={each.settled ? 'go' : 'wait'}>
                <Glyph shape={each.waived ? 'slash' : each.settled ? 'check' : 'diamond'} />
                <span className="grow">
                  {index + 1}. {each.title}
                </span>
                <span className="hidden-visually">{wordOf(each)}</span>
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <Section key={`${current.key}:${current.written_at ?? ''}`} view={view} section={current} onNext={() => next(view, current)} />
    </div>
  );
}

function wordOf(section: SectionView): string {
  if (section.waived) return text.plan.waived;
  if (!section.settled) return text.plan.open;
  return section.text.trim() === '' ? text.plan.notNeeded : text.plan.written;
}

function next(view: ReleaseView, current: SectionView): void {
  const at = view.sections.findIndex((each) => each.key === current.key);
  const open = [...view.sections.slice(at + 1), ...view.sections.slice(0, at)].find((each) => !each.settled);
  if (open) go(href(['releases', view.id], { part: 'plan', section: open.key }), true);
}

function Section({ view, section, onNext }: { view: ReleaseView; section: SectionView; onNext: () => void }) {
  const toast = useToast();
  const [words, setWords] = useState(section.text);
  const [at, setAt] = useState(toLocal(section.rehearsal?.at ?? null));
  const [passed, setPassed] = useState(section.rehearsal?.passed ?? true);
  const [note, setNote] = useState(section.rehearsal?.note ?? '');
  const [waiving, setWaiving] = useState(false);
  const [reason, setReason] = useState('');
  const write = useDo('plan_section_write', (done) => {
    toast({ message: done.said });
    onNext();
  });
  const waive = useDo('plan_section_waive', (done) => {
    toast({ message: done.said });
    setWaiving(false);
  });
  const closed = view.finished !== null;
  const rehearsedAt = fromLocal(at);
  const save = () =>
    write.run({
      release: view.id,
      section: section.key,
      text: words.trim(),
      rehearsal: section.rehearsed && rehearsedAt ? { at: rehearsedAt, passed, note: note.trim() } : null,
    });
  return (
    <article className="split-body">
      <header className="row wrap">
        <h2>{section.title}</h2>
        {section.waived ? (
          <Pill tone="idle" shape="slash">{text.plan.waived}</Pill>
        ) : (
          <Pill tone={section.settled ? 'go' : 'wait'} shape={section.settled ? 'check' : 'diamond'}>
            {wordOf(section)}
          </Pill>
        )}
        {section.written && section.written_at ? (
          <span className="faint">
            {section.written} · <RelativeTime at={section.written_at} />
          </span>
        ) : null}
      </header>
      <p className="muted">{section.question}</p>
      {section.waived ? (
        <div className="card stack">
          <p>{text.plan.waivedBy(section.waived.by, section.waived.reason)}</p>
          {closed ? null : (
            <Button className="start" busy={waive.busy} onClick={() => waive.run({ release: view.id, section: section.key, reason: null })}>
              {text.plan.takeBack}
            </Button>
          )}
        </div>
      ) : null}
      {section.issues.length > 0 ? (
        <ul className="list card">
          {section.issues.map((issue) => (
            <li key={issue.id} className="row">
              <a className="mono nowrap" href={href(['issues', issue.id])}>{issue.key}</a>
              <span className="grow">{issue.problem} <span className="muted">{issue.lesson || issue.solution}</span></span>
            </li>
          ))}
        </ul>
      ) : null}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextArea label={section.title} hideLabel rows={9} value={words} disabled={closed} placeholder={text.plan.placeholder} onChange={(event) => setWords(event.target.value)} />
        {section.rehearsed ? (
          <fieldset>
            <legend>{text.plan.rehearsal}</legend>
            <div className="form-row">
              <TextField label={text.plan.rehearsedAt} type="datetime-local" value={at} disabled={closed} onChange={(event) => setAt(event.target.value)} />
              <TextField label={text.plan.rehearsalNote} value={note} disabled={closed} onChange={(event) => setNote(event.target.value)} />
              <Checkbox label={text.plan.rehearsalPassed} checked={passed} disabled={closed} onChange={(event) => setPassed(event.target.checked)} />
            </div>
          </fieldset>
        ) : null}
        {write.error ? <ErrorNotice error={write.error} /> : null}
        {closed ? null : (
          <div className="row wrap">
            <Button kind="primary" type="submit" busy={write.busy} disabled={words.trim() === ''}>
              {text.plan.write}
            </Button>
            {section.may_waive && !section.waived && !waiving ? <Button onClick={() => setWaiving(true)}>{text.plan.waive}</Button> : null}
          </div>
        )}
      </form>
      {waiving ? (
        <form
          className="form card"
          onSubmit={(event) => {
            event.preventDefault();
            waive.run({ release: view.id, section: section.key, reason: reason.trim() });
          }}
        >
          <TextArea label={text.plan.waiveWhy} rows={2} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
          <div className="row">
            <Button onClick={() => setWaiving(false)}>{text.act.cancel}</Button>
            <Button kind="primary" type="submit" busy={waive.busy} disabled={reason.trim() === ''}>
              {text.plan.waiveDo}
            </Button>
          </div>
        </form>
      ) : null}
      {waive.error ? <ErrorNotice error={waive.error} /> : null}
    </article>
  );
}
