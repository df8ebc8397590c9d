import { useState } from 'react';
import { useDo } from '../../api/client';
import type { DeploymentState, ProductTestView, StageBrief } from '../../api/wire';
import { useToast } from '../../app/toasts';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Select, TextArea } from '../../components/Field';
import { text } from '../../text';

const outcomes: readonly DeploymentState[] = ['succeeded', 'failed', 'not_done'];

interface TestResultProps {
  product: string;
  stage: StageBrief | null;
  /** The test to settle; none tells of a test that ran elsewhere. */
  test: ProductTestView | null;
  onClose: () => void;
}

/** A person tells how a test of the product ended. */
export function TestResult({ product, stage, test, onClose }: TestResultProps) {
  const toast = useToast();
  const [outcome, setOutcome] = useState<DeploymentState>('succeeded');
  const [summary, setSummary] = useState('');
  const record = useDo('product_test_record', (done) => {
    toast({ message: done.said });
    onClose();
  });
  const at = test?.stage ?? stage?.key ?? '';
  return (
    <Dialog
      open
      onClose={onClose}
      title={test ? text.productTest.settleTitle : text.productTest.recordTitle(stage?.name ?? at)}
      intro={test ? text.productTest.settleIntro : text.productTest.recordIntro}
      footer={
        <>
          <Button onClick={onClose} disabled={record.busy}>
            {text.act.cancel}
          </Button>
          <Button kind="primary" type="submit" form="test-result" busy={record.busy} disabled={summary.trim() === ''}>
            {text.productTest.recordDo}
          </Button>
        </>
      }
    >
      <form
        id="test-result"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          record.run({ product, stage: at, test: test?.id ?? null, outcome, summary: summary.trim() });
        }}
      >
        <Select
          label={text.productTest.outcome}
          value={outcome}
          autoFocus
          choices={outcomes.map((each) => ({ value: each, label: text.productTest.outcomes[each] }))}
          onChange={(event) => setOutcome(event.target.value as DeploymentState)}
        />
        <TextArea label={text.productTest.summary} hint={text.productTest.summaryHint} required rows={2} value={summary} onChange={(event) => setSummary(event.target.value)} />
        {record.error ? <ErrorNotice error={record.error} /> : null}
      </form>
    </Dialog>
  );
}
