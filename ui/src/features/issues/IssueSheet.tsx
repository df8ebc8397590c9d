import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { IssueView, LessonKind } from '../../api/wire';
import { riskLook } from '../../app/looks';
import { useToast } from '../../app/toasts';
import { Answer } from '../../components/Answer';
import { Button } from '../../components/Button';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextArea } from '../../components/Field';
import { KeyValue } from '../../components/KeyValue';
import { Pill } from '../../components/Pill';
import { RelativeTime } from '../../components/RelativeTime';
import { Sheet, SheetSection } from '../../components/Sheet';
import { text } from '../../text';
import { ReportDialog } from './ReportDialog';

const lessons: readonly LessonKind[] = ['checklist_item', 'gate', 'none'];

/** One entry of the issue log. It closes only with a lesson. */
export function IssueSheet({ issue, onClose }: { issue: string; onClose: () => void }) {
  const show = useAsk('issue_show', { issue });
  const view = show.data;
  const [mode, setMode] = useState<'look' | 'close' | 'met' | 'amend'>('look');
  const look = () => setMode('look');
  return (
    <Sheet
      label={text.issues.sheet}
      onClose={onClose}
      status={
        view ? (
          <>
            {view.row.open ? <Pill tone="wait" shape="diamond">{text.issues.open}</Pill> : <Pill tone="go" shape="check">{text.issues.closed}</Pill>}
            <Pill {...riskLook[view.row.severity]}>{text.severity[view.row.severity]}</Pill>
          </>
        ) : null
      }
      title={view?.row.problem ?? text.issues.sheet}
      subtitle={view ? <span className="mono">{view.row.key}</span> : null}
      footer={
        view?.row.open ? (
          mode === 'close' ? (
            <CloseForm view={view} onDone={look} />
          ) : mode === 'met' ? (
            <MetForm view={view} onDone={look} />
          ) : (
            <div className="sheet-acts">
              <Button onClick={() => setMode('amend')}>{text.issues.amendAct}</Button>
              <Button onClick={() => setMode('met')}>{text.issues.metAgain}</Button>
              <Button kind="primary" onClick={() => setMode('close')}>
                {text.issues.close}
              </Button>
            </div>
          )
        ) : null
      }
    >
      <Answer of={show}>
        {(known) => (
          <>
            <SheetSection title={text.issues.facts}>
              <KeyValue
                facts={[
                  known.service_name ? [text.line.service, known.service_name] : null,
                  known.stage_name ? [text.line.stage, known.stage_name] : null,
                  known.build_label ? [text.line.build, <code key="build">{known.build_label}</code>] : null,
                  [text.issues.by, known.author],
                  [text.issues.at, <RelativeTime key="at" at={known.row.at} />],
                  [text.issues.met, text.issues.times(known.row.met)],
                ]}
              />
            </SheetSection>
            {(['symptoms', 'cause', 'solution'] as const).map((key) => (
              <SheetSection key={key} title={text.issues[key]}>
                <p className="pre">{known.report[key] || <span className="muted">{text.issues.notWritten}</span>}</p>
              </SheetSection>
            ))}
            {known.report.links.length > 0 ? (
              <SheetSection title={text.issues.links}>
                {known.report.links.map((link) => (
                  <code key={link} className="selectable wrap-anywhere">
                    {link}
                  </code>
                ))}
              </SheetSection>
            ) : null}
            {known.row.lesson ? (
              <SheetSection title={text.issues.lesson}>
                <p>{known.row.lesson}</p>
                {known.closed ? <span className="faint"><RelativeTime at={known.closed} /></span> : null}
              </SheetSection>
            ) : null}
          </>
        )}
      </Answer>
      {view && mode === 'amend' ? <ReportDialog product={view.row.product} issue={view} onClose={look} /> : null}
    </Sheet>
  );
}

function CloseForm({ view, onDone }: { view: IssueView; onDone: () => void }) {
  const toast = useToast();
  const [lesson, setLesson] = useState<LessonKind>('checklist_item');
  const [stage, setStage] = useState(view.report.stage ?? view.stages[0]?.key ?? '');
  const [words, setWords] = useState('');
  const close = useDo('issue_close', (done) => {
    toast({ message: done.said });
    onDone();
  });
  return (
    <form
      className="stack"
      aria-label={text.issues.close}
      onSubmit={(event) => {
        event.preventDefault();
        close.run({ issue: view.row.id, lesson, stage: lesson === 'none' ? null : stage, text: words.trim() });
      }}
    >
      <Select label={text.issues.learnt} value={lesson} choices={lessons.map((each) => ({ value: each, label: text.issues.lessons[each] }))} onChange={(event) => setLesson(event.target.value as LessonKind)} />
      {lesson === 'none' ? null : <Select label={text.line.stage} value={stage} choices={view.stages.map((each) => ({ value: each.key, label: each.name }))} onChange={(event) => setStage(event.target.value)} />}
      <TextArea label={text.issues.lessonText[lesson]} required rows={2} autoFocus value={words} onChange={(event) => setWords(event.target.value)} />
      {close.error ? <ErrorNotice error={close.error} /> : null}
      <div className="sheet-acts">
        <Button onClick={onDone}>{text.act.cancel}</Button>
        <Button kind="primary" type="submit" busy={close.busy} disabled={words.trim() === ''}>
          {text.issues.closeDo}
        </Button>
      </div>
    </form>
  );
}

function MetForm({ view, onDone }: { view: IssueView; onDone: () => void }) {
  const toast = useToast();
  const [note, setNote] = useState('');
  const meet = useDo('issue_meet', (done) => {
    toast({ message: done.said });
    onDone();
  });
  return (
    <form
      className="stack"
      aria-label={text.issues.metAgain}
      onSubmit={(event) => {
        event.preventDefault();
        meet.run({ issue: view.row.id, note: note.trim() });
      }}
    >
      <TextArea label={text.issues.metNote} rows={2} autoFocus value={note} onChange={(event) => setNote(event.target.value)} />
      {meet.error ? <ErrorNotice error={meet.error} /> : null}
      <div className="sheet-acts">
        <Button onClick={onDone}>{text.act.cancel}</Button>
        <Button kind="primary" type="submit" busy={meet.busy}>
          {text.issues.metDo}
        </Button>
      </div>
    </form>
  );
}
