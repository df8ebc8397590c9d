import { useState } from 'react';
import { useAsk, useDo } from '../../api/client';
import type { IssueDraft, IssueView, ReportView, Severity } from '../../api/wire';
import { useDesk } from '../../app/desk';
import { go, href } from '../../app/router';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextArea, TextField } from '../../components/Field';
import { text } from '../../text';

interface ReportDialogProps {
  product: string;
  draft?: IssueDraft;
  /** Changes what is known of this entry instead of recording a new one. */
  issue?: IssueView;
  onClose: () => void;
}

const blank: ReportView = { problem: '', symptoms: '', cause: '', solution: '', severity: 'medium', service: null, stage: null, build: null, links: [] };
const severities: readonly Severity[] = ['low', 'medium', 'high'];

/** Records a problem, completes a draft, or corrects an entry. Similar entries show while the problem is typed. */
export function ReportDialog({ product, draft, issue, onClose }: ReportDialogProps) {
  const { view } = useDesk();
  const toast = useToast();
  const [of, setOf] = useState(product);
  const [report, setReport] = useState<ReportView>(issue?.report ?? draft?.report ?? blank);
  const [links, setLinks] = useState(report.links.join('\n'));
  const services = view.products.find((each) => each.id === of)?.services ?? [];
  const line = useAsk('line_show', { service: report.service ?? '' }, { when: report.service !== null });
  const words = report.problem.trim();
  const similar = useAsk('issue_list', { product: of, text: words, open_only: false }, { when: !issue && words.length > 3, keep: true });
  const after = (done: { said: string; id: string | null }) => {
    toast({ message: done.said });
    // Showing what was recorded leaves this dialog's address, which closes it.
    if (!issue && done.id) go(href(['issues', done.id]), true);
    else onClose();
  };
  const record = useDo('issue_record', after);
  const amend = useDo('issue_amend', after);
  const doing = issue ? amend : record;
  const set = (change: Partial<ReportView>) => setReport({ ...report, ...change });
  const send = () => {
    const whole = { ...report, problem: words, links: links.split('\n').map((each) => each.trim()).filter(Boolean) };
    if (issue) amend.run({ issue: issue.row.id, report: whole });
    else record.run({ product: of, report: whole, draft: draft?.id ?? null });
  };
  const matches = issue ? [] : (similar.data?.issues ?? []).slice(0, 3);
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={issue ? text.issues.amend(issue.row.key) : draft ? text.issues.complete : text.issues.record}
      intro={draft ? text.issues.draftIntro : text.issues.recordIntro}
      footer={
        <>
          <Button onClick={onClose}>{text.act.cancel}</Button>
          <Button kind="primary" type="submit" form="report" busy={doing.busy} disabled={words === ''}>
            {issue ? text.act.save : text.issues.recordDo}
          </Button>
        </>
      }
    >
      <form
        id="report"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <TextField label={text.issues.problem} required autoFocus value={report.problem} onChange={(event) => set({ problem: event.target.value })} hint={text.issues.problemHint} />
        {matches.length > 0 && words.length > 3 ? (
          <div className="card stack tight">
            <span className="field-label">{text.issues.similar}</span>
            {matches.map((match) => (
              <a key={match.id} href={href(['issues', match.id])}>
                <span className="mono">{match.key}</span> {match.problem}
              </a>
            ))}
          </div>
        ) : null}
        <TextArea label={text.issues.symptoms} rows={3} value={report.symptoms} onChange={(event) => set({ symptoms: event.target.value })} />
        <div className="form-row">
          <TextArea label={text.issues.cause} rows={2} value={report.cause} onChange={(event) => set({ cause: event.target.value })} />
          <TextArea label={text.issues.solution} rows={2} value={report.solution} onChange={(event) => set({ solution: event.target.value })} />
        </div>
        <div className="form-row">
          <Select label={text.issues.severity} value={report.severity} choices={severities.map((each) => ({ value: each, label: text.severity[each] }))} onChange={(event) => set({ severity: event.target.value as Severity })} />
          {!issue && !draft && view.products.length > 1 ? (
            <Select
              label={text.app.product}
              value={of}
              choices={view.products.map((each) => ({ value: each.id, label: each.name }))}
              onChange={(event) => {
                setOf(event.target.value);
                set({ service: null, stage: null, build: null });
              }}
            />
          ) : null}
          <Select
            label={text.line.service}
            value={report.service ?? ''}
            choices={[{ value: '', label: text.issues.any }, ...services.map((each) => ({ value: each.id, label: each.name }))]}
            onChange={(event) => set({ service: event.target.value || null, stage: null, build: null })}
          />
          <Select
            label={text.line.stage}
            value={report.stage ?? ''}
            disabled={report.service === null}
            choices={[
              { value: '', label: text.issues.any },
              ...(line.data?.stages ?? []).map((each) => ({ value: each.key, label: each.name })),
              ...(report.stage && !line.data ? [{ value: report.stage, label: report.stage }] : []),
            ]}
            onChange={(event) => set({ stage: event.target.value || null })}
          />
          <Select
            label={text.line.build}
            value={report.build ?? ''}
            disabled={report.service === null}
            choices={[{ value: '', label: text.issues.any }, ...(line.data?.builds ?? []).map((each) => ({ value: each.build.id, label: each.build.label })), ...(report.build && !line.data?.builds.some((each) => each.build.id === report.build) ? [{ value: report.build, label: text.issues.thatBuild }] : [])]}
            onChange={(event) => set({ build: event.target.value || null })}
          />
        </div>
        <TextArea label={text.issues.links} hint={text.issues.linksHint} rows={2} value={links} onChange={(event) => setLinks(event.target.value)} />
        {doing.error ? <ErrorNotice error={doing.error} /> : null}
      </form>
    </Dialog>
  );
}
